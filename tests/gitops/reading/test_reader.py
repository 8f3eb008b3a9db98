"""The process that reads files: what it may do, what ends it, and what is read after that."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gitops.reading import reader as module
from gitops.reading.protocol import ProtocolError, answer
from gitops.reading.reader import Reader
from gitops.settings import RunLimits
from gitops.source.repository import File

if TYPE_CHECKING:
    from collections.abc import Iterator

GOOD = File("good.yaml", b'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\ndata: {a: "\xc3\xa9"}\n')


def _names(reader: Reader, *files: File) -> tuple[list[str], list[str]]:
    found, faults = reader.read(files)
    return [str(each.key) for each in found], [str(fault) for fault in faults]


@pytest.fixture
def reader() -> Iterator[Reader]:
    """Give a reader with small limits."""
    with Reader(RunLimits(memory=64 * 2**20, processor=2)) as found:
        yield found


def test_objects_come_back_with_their_places(reader: Reader) -> None:
    (found,), faults = reader.read([File("a.yaml", b"---\n---\n\n" + GOOD.content)])
    assert (str(found.key), str(found.origin), faults) == ("ConfigMap/good", "a.yaml:4:1", [])
    assert found.body["data"] == {"a": "é"}


def test_nothing_is_started_before_something_is_read(reader: Reader) -> None:
    assert reader.read([]) == ([], [])
    assert reader._process is None  # noqa: SLF001 - the process itself is what is looked at


def test_a_process_that_has_ended_is_started_again_for_the_next_files(reader: Reader) -> None:
    for _ in range(2):
        found, faults = reader.read([GOOD])
        assert (len(found), faults) == (1, [])
        reader.close()
        assert reader._process is None  # noqa: SLF001 - the process itself is what is looked at


def test_it_imports_neither_client_nor_settings() -> None:
    """It starts in a fraction of the time, and what it does not know it cannot reach."""
    code = "import sys, gitops.reading.child; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    known = {name.partition(".")[0] for name in said.split()}
    assert not known & {"httpx2", "lightkube", "pydantic", "ssl", "socket", "subprocess"}


def test_the_kernel_keeps_its_limits(reader: Reader) -> None:
    reader.read([GOOD])
    process = reader._process  # noqa: SLF001 - the process itself is what is looked at
    assert process is not None
    limits = {
        kind: resource.prlimit(process.pid, kind)[0] for kind in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE)
    }
    assert limits == {resource.RLIMIT_AS: 64 * 2**20, resource.RLIMIT_FSIZE: 0}
    assert 0 < resource.prlimit(process.pid, resource.RLIMIT_CPU)[0] <= 4
    variables = Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
    assert {entry.partition(b"=")[0] for entry in variables} <= {b"PYTHONPATH", b"LC_CTYPE", b""}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_what_ends_it_is_reported_and_the_next_application_is_read(reader: Reader, number: int) -> None:
    """As the kernel does when memory runs out, or the parser in C at a fault of its own."""
    reader.read([GOOD])

    def files() -> Iterator[File]:
        assert reader._process is not None  # noqa: SLF001
        reader._process.send_signal(number)  # noqa: SLF001
        reader._process.wait()  # noqa: SLF001
        yield File("bad.yaml", b"a: 1\n")
        yield GOOD

    found, faults = reader.read(files())
    name = signal.Signals(number).name
    assert (found, [str(each) for each in faults]) == (
        [],
        [f"bad.yaml: ended the process that reads files ({name}); remove what is unusual in it"],
    )
    assert _names(reader, GOOD) == (["ConfigMap/good"], [])


def test_the_file_that_ends_it_is_named_though_others_were_sent_already(reader: Reader) -> None:
    large = File("large.yaml", b"- a\n" * 400_000)
    found, faults = reader.read([GOOD, large, GOOD])
    assert [str(each.key) for each in found] == ["ConfigMap/good"]
    assert [each.origin.file for each in faults] == ["large.yaml"]


def test_answers_about_a_source_that_broke_off_are_not_taken_for_those_of_the_next(reader: Reader) -> None:
    def files() -> Iterator[File]:
        yield GOOD
        raise ConnectionError

    with pytest.raises(ConnectionError):
        reader.read(files())
    assert _names(reader, File("faulty.yaml", b"kind: [")) == (
        [],
        _names(reader, File("faulty.yaml", b"kind: ["))[1],
    )


def test_thousands_of_empty_files_do_not_fill_the_pipe(reader: Reader) -> None:
    empty = [File(f"{number:04}-{'n' * 200}.yaml", b"") for number in range(3000)]
    assert _names(reader, *empty, GOOD) == (["ConfigMap/good"], [])


def test_memory_and_time_of_one_application_are_not_those_of_the_next(reader: Reader) -> None:
    large = File("large.yaml", b"- a\n" * 400_000)
    assert "large.yaml: needs more than 67,108,864 bytes of memory" in _names(reader, large, GOOD)[1][0]
    lists = File("slow.yaml", b"a: &a [" + b"x," * 900 + b"]\nb: [" + b"*a," * 100 + b"]\n")
    (said,) = [fault for fault in _names(reader, *[lists] * 200)[1] if "processor" in fault]
    assert "slow.yaml: takes more time to be read than is left of the 2 seconds" in said
    assert _names(reader, GOOD) == (["ConfigMap/good"], [])


def test_a_file_cannot_make_the_job_collect_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FAULTS", 10)
    with Reader(RunLimits(objects=5)) as small:
        assert len(small.read([File("a.yaml", b"---\nkind: 1\n" * 5000)])[1]) == 11
        found, faults = small.read([File("a.yaml", b"---\n".join([GOOD.content] * 5000))])
        assert (len(found), len(faults)) == (6, 1)
        assert "has more objects than the limit of 5" in str(faults[0])
        assert _names(small, GOOD) == (["ConfigMap/good"], [])


@pytest.mark.parametrize(
    "line", [b"x\n", b"{}\n", b"[1,2]\n", b"[1,1,{}]\n", b'["a",1,{}]\n', b"[1,1,[]]\n", b"1\n"]
)
def test_an_answer_outside_the_protocol_is_an_error(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        answer(line, "a.yaml")
