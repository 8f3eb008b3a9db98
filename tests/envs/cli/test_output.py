"""How `envs` prints and ends: streams, terminals, signals, options; in processes as people start them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from envs.cli.main import VERBS
from envs.errors import Exit
from tests.command import edit, envs, envs_process
from tests.terminal import on_terminal
from tests.tree import TREE

pytestmark = pytest.mark.slow


def in_terminal(words: list[str], **environment: str) -> str:
    """Run the command on a terminal of its own; returns what that got."""
    code, out = on_terminal(words, environment=environment)
    assert code == 0, out
    return out


def test_colours_are_for_terminals_only(checkout: Path) -> None:
    """The same text with and without; NO_COLOR is heeded (https://no-color.org)."""
    edit(checkout / "environments/prod.yaml", "replicas: 2", "replicas: 4")
    words = ["preview", "--root", str(checkout)]
    assert "\x1b[32m" in in_terminal(words)
    assert "\x1b[3" not in in_terminal(words, NO_COLOR="1")
    assert b"\x1b" not in envs_process("preview", root=checkout).stdout


def test_colours_can_be_forced(checkout: Path) -> None:
    """As in the log of a pipeline (https://force-color.org); lines stay whole there."""
    edit(checkout / "environments/prod.yaml", "replicas: 2", f"env: {{A: {'long ' * 15}}}")
    forced = {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "30"}
    lines = envs_process("preview", "prod", root=checkout, env=forced).stdout.decode().splitlines()
    assert any("\x1b[32m" in line and line.endswith("prod.yaml:8\x1b[0m") for line in lines)


@pytest.mark.parametrize(
    "words",
    [["list"], ["check", "--manifests", str(TREE / "examples/refused/deploy")], ["preview", "prod"]],
)
def test_every_report_for_people_has_colours(checkout: Path, words: list[str]) -> None:
    root = [] if "--manifests" in words else ["--root", str(checkout)]
    assert "\x1b[" in on_terminal([*words, *root])[1]
    assert "\x1b[" not in on_terminal([*words, *root], environment={"TERM": "dumb"})[1]


def test_a_terminal_gets_whole_words_below_each_other(checkout: Path) -> None:
    """Broken between words, further right than where the line starts; a path is never broken."""
    edit(
        checkout / "environments/prod.yaml", "replicas: 2", f"replicas: 2\n        env: {{A: {'long ' * 15}}}"
    )
    out = in_terminal(["preview", "prod", "--root", str(checkout)], COLUMNS="60", NO_COLOR="1")
    lines = re.sub(r"\x1b\[[0-9;]*m", "", out).split("\r\n")
    start = lines.index("      + spec.template.spec.containers[server].env[A].value:")
    assert lines[start + 1 : start + 3] == [
        "        long long long long long long long long long long",
        "        long long long long long  environments/prod.yaml:9",
    ]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_any_encoding_will_do(checkout: Path, encoding: str) -> None:
    """What a terminal cannot show is shown as an escape."""
    edit(checkout / "environments/prod.yaml", "replicas: 2", "env: {A: 環境}")
    done = envs_process(
        "preview", "prod", root=checkout, env={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"value: \u74b0\u5883" in done.stdout


@pytest.mark.parametrize("words", [["preview"], ["list"], ["show", "prod"], ["preview", "--format", "json"]])
def test_a_reader_that_has_seen_enough_ends_it_quietly(checkout: Path, words: list[str]) -> None:
    """As `envs preview | head`: no word on standard error, and the code of all other programs."""
    reader, writer = os.pipe()
    os.close(reader)
    done = envs_process(*words, root=checkout, capture_output=False, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (done.returncode, done.stderr) == (Exit.UNREAD, b"")


def test_findings_are_no_less_findings_when_nobody_reads_them(root: Path) -> None:
    """`envs render --check | head` never ends with 0."""
    reader, writer = os.pipe()
    os.close(reader)
    done = envs_process("render", "--check", root=root, capture_output=False, stdout=writer)
    os.close(writer)
    assert done.returncode != 0


def test_control_c_ends_it_in_one_line(root: Path) -> None:
    """At any moment: here while it reads the layers."""
    process = subprocess.Popen(
        [sys.executable, "-c", _INTERRUPTED, "list", "--root", str(root)],
        cwd=TREE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    assert err.decode() in {"", "envs: interrupted\n"}


# Interrupts itself once the command reads layers, since no test can hit that moment from outside.
_INTERRUPTED = """
import os, signal, sys
from envs.cli.main import main
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may have it ignored
sys.addaudithook(lambda event, words: event == "open" and str(words[0]).endswith("qa.yaml")
                 and os.kill(os.getpid(), signal.SIGINT))
sys.argv[0] = "envs"
main()
"""


@pytest.mark.parametrize(
    "words",
    [["frobnicate"], ["list", "--frob"], ["list", "--format", "xml"], ["new"], ["remove"], ["list", "extra"]],
)
def test_words_that_make_no_sense_are_bad_input(root: Path, words: list[str]) -> None:
    """Exit code 2, a usage line and the reason; nothing on standard output."""
    result = envs(*words, root=root)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("Usage: envs ")
    assert "Error: " in result.err


def test_a_root_that_is_none_is_bad_input(tmp_path: Path) -> None:
    """Neither a missing folder nor a file."""
    (tmp_path / "file").write_text("")
    for name in ("missing", "file"):
        result = envs("list", root=tmp_path / name)
        assert result.code == 2
        assert str(tmp_path / name) in result.err


def test_a_fault_of_our_own_is_told_as_one(root: Path) -> None:
    """Exit code 70 and no traceback, unless it is asked for."""
    program = (
        "import sys, envs.cli.list\nfrom envs.cli.main import main\n"
        "envs.cli.list.load = lambda root: 1 / 0\n"
        f"sys.argv = ['envs', 'list', '--root', {str(root)!r}]\nmain()\n"
    )
    runs = {}
    for name, more in (("quiet", {}), ("loud", {"ENVS_DEBUG": "1"})):
        runs[name] = subprocess.run(
            [sys.executable, "-c", program],
            cwd=TREE,
            env={**os.environ, **more},
            check=False,
            capture_output=True,
            text=True,
        )
    assert {done.returncode for done in runs.values()} == {70}
    assert runs["quiet"].stderr == (
        "envs: internal error, please report it: ZeroDivisionError: division by zero\n"
        "set ENVS_DEBUG=1 to see the traceback\n"
    )
    assert "Traceback" in runs["loud"].stderr


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_explains_itself(verb: str, root: Path) -> None:
    """Help names the root, which every command has."""
    result = envs(verb, "--help", root=root)
    assert result.code == 0
    assert ("[DIR]" if verb == "init" else "--root <dir>") in result.out


@pytest.mark.parametrize(
    ("verb", "slow"),
    [
        ("list", ["components", "lightkube", "jinja2", "pulumi"]),
        ("render", ["jinja2", "pulumi"]),
    ],
)
def test_a_command_does_not_import_what_it_does_not_need(verb: str, slow: list[str]) -> None:
    """Scripts and workflows run them often; Kubernetes' models would double the start of `list`."""
    program = (
        f"import sys\nfrom envs.cli.main import application\napplication([{verb!r}])\n"
        f"print([name for name in {slow} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=TREE, check=True, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"


def test_the_version_is_that_of_the_package(root: Path) -> None:
    """Of the program, not of a root."""
    done = subprocess.run(
        [sys.executable, "-m", "envs", "--version"], cwd=root, check=True, capture_output=True, text=True
    )
    assert done.stdout == f"envs {version('gitops-environments')}\n"
