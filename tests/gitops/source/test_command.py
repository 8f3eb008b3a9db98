"""The one way to start Git: its words, its time, and nothing of it left running."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitops.errors import SourceError
from gitops.source.command import GitCommand, batch, environment
from tests.waiting import wait_until


def command(folder: Path, *configuration: str, seconds: int = 60) -> GitCommand:
    return GitCommand(folder, environment({"PATH"}.__contains__, HOME=str(folder)), seconds, configuration)


def test_output_exit_code_and_gits_own_words_come_back(tmp_path: Path) -> None:
    """In English, whatever the language of the machine."""
    git = command(tmp_path, "init.defaultBranch=main")
    assert git.run("init", "--quiet").code == 0
    assert git.run("symbolic-ref", "HEAD").output == b"refs/heads/main\n"
    refused = git.run("rev-parse", "--verify", "nowhere")
    assert (refused.code, refused.complaint) == (128, "fatal: Needed a single revision\n")


def test_a_command_that_takes_too_long_ends_with_what_it_started(tmp_path: Path) -> None:
    """A helper such as ssh would else hold the connection."""
    marker = tmp_path / "pid"
    git = command(tmp_path, f"alias.wait=!echo $$ >{marker}; sleep 600 & wait", seconds=1)
    with pytest.raises(SourceError, match="git wait took longer than 1 seconds"):
        git.run("wait")
    helper = int(marker.read_text())
    wait_until(lambda: not _runs(helper), "the helper is gone")


def _runs(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    return status.exists() and ") Z " not in status.read_text()


def test_a_machine_without_git_is_told_to_install_it(tmp_path: Path) -> None:
    """It is not there on each runner."""
    git = GitCommand(tmp_path, {"PATH": str(tmp_path)}, 60)
    with pytest.raises(SourceError, match=r"git cannot be run: .*; install git"):
        git.run("version")


def test_the_environment_holds_what_is_named_and_no_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Own values win over inherited ones."""
    monkeypatch.setenv("SECRET_OF_OURS", "x")
    found = environment({"PATH", "LC_ALL"}.__contains__, HOME="/nowhere")
    assert found["PATH"] == os.environ["PATH"]
    assert (found["HOME"], found["LC_ALL"], found["GIT_TERMINAL_PROMPT"]) == ("/nowhere", "C", "0")
    assert "SECRET_OF_OURS" not in found


def test_contents_are_cut_where_git_says(tmp_path: Path) -> None:
    """Empty, binary and missing objects among them."""
    git = command(tmp_path)
    git.run("init", "--quiet")
    contents = [b"one\n", b"", b"a\n\0missing\n", b"blob 3\n"]
    ids = [git.run("hash-object", "-w", "--stdin", given=each).output.decode().strip() for each in contents]
    asked = "\n".join([*ids[:2], "0" * 40, *ids[2:]]).encode() + b"\n"
    answer = git.run("cat-file", "--batch", given=asked).output
    assert list(batch(answer, 5)) == [*contents[:2], None, *contents[2:]]


def test_output_is_read_while_it_comes_and_a_reader_that_has_enough_ends_the_command(tmp_path: Path) -> None:
    """Otherwise a small tree could fill the memory with its listing."""
    marker = tmp_path / "pid"
    git = command(tmp_path, f"alias.talk=!echo $$ >{marker}; while :; do echo line; done")

    def read_a_line() -> None:
        with git.stream("talk") as output:
            raise ValueError(output.readline())

    with pytest.raises(ValueError, match="line"):
        read_a_line()
    talker = int(marker.read_text())
    wait_until(lambda: not _runs(talker), "the command is gone")


def test_a_stream_that_fails_or_takes_too_long_is_an_error(tmp_path: Path) -> None:
    """Half a listing must not pass for a whole one: what is missing in it would be pruned."""
    git = command(
        tmp_path, "alias.half=!echo one; echo broken >&2; exit 3", "alias.wait=!sleep 600", seconds=1
    )
    with pytest.raises(SourceError, match="git half: broken"), git.stream("half") as output:
        assert output.read() == b"one\n"
    with (
        pytest.raises(SourceError, match="git wait took longer than 1 seconds"),
        git.stream("wait") as output,
    ):
        output.read()


def test_git_writes_no_larger_file_than_it_may(tmp_path: Path) -> None:
    """The helpers that it starts are bounded with it."""
    git = GitCommand(
        tmp_path, environment({"PATH"}.__contains__), 60, ["alias.write=!yes >large"], largest=4096
    )
    assert git.run("write").code != 0
    assert (tmp_path / "large").stat().st_size == 4096
