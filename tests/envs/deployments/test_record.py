"""Records of deployments as lines of notes: what is written is read again, and nothing else is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from envs.deployments.record import LONGEST_LINE, Deployment, Result, deployment, parse_note
from envs.errors import CommandError

COMMIT, TREE = "1" * 40, "2" * 40
LINE = {"at": "2026-11-20T10:00:00Z", "environment": "qa", "tree": TREE, "result": "succeeded"}


def made(**changes: Any) -> Deployment:
    """Make a record."""
    values: dict[str, Any] = {
        "commit": COMMIT,
        "environment": "qa",
        "root": "",
        "tree": TREE,
        "at": datetime(2026, 11, 20, 10, tzinfo=UTC),
        "result": Result.SUCCEEDED,
        "actor": "Åsa Øre",
        "run": "https://ci.example.com/runs/1",
    }
    return deployment(**values | changes)


def test_a_record_is_read_as_it_was_written() -> None:
    assert [*parse_note(COMMIT, f"{made().line()}\n".encode())] == [made()]


def test_a_line_begins_with_its_time_so_that_sorted_lines_are_in_order() -> None:
    assert made().line().startswith('{"at":"2026-11-20T10:00:00Z",')


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"actor": "a\nb"}, "actor"),
        ({"actor": "a\x1b[2J"}, "actor"),
        ({"actor": "a" * 201}, "actor"),
        ({"run": "javascript:alert(1)"}, "run"),
        ({"environment": "QA"}, "environment"),
    ],
)
def test_what_no_record_may_say_is_refused_by_name(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(CommandError, match=place):
        made(**changes)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (json.dumps(LINE | {"at": "2026-11-20T10:00:00"}), "at"),
        (json.dumps(LINE | {"at": 1}), "at"),
        (json.dumps(LINE | {"result": "perhaps"}), "result"),
        (json.dumps(LINE | {"tree": "main"}), "tree"),
        (json.dumps(LINE | {"further": 1}), "further"),
        (json.dumps(LINE | {"commit": COMMIT}), "commit"),
        ("{" * 2000, "JSON"),
        ("[" * 4000, "JSON"),
        (json.dumps(LINE)[:-1], "JSON"),
        (json.dumps(LINE | {"actor": "a" * LONGEST_LINE}), "longer than"),
        ("\ud800".encode("utf-8", "surrogatepass"), "JSON"),
    ],
)
def test_a_line_that_is_no_record_is_told_and_its_neighbours_are_read(line: str | bytes, reason: str) -> None:
    bad = line if isinstance(line, bytes) else line.encode()
    first, told, last = parse_note(
        COMMIT, b"\n\n".join([made().line().encode(), bad, json.dumps(LINE).encode()])
    )

    assert isinstance(first, Deployment)
    assert isinstance(last, Deployment)
    assert isinstance(told, str)
    assert told.startswith("note of commit 111111111111, line 3: ")
    assert reason in told
