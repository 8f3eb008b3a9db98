"""The table of the three-way merge, row by row: what was applied, what Git says now, what people made of it.

Rows marked `apply` are those where client-side `kubectl apply` decides otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.gitops.jobs import config_map

if TYPE_CHECKING:
    from tests.gitops.jobs import Job
    from tests.gitops.person import Person

ABSENT = None


class Row(NamedTuple):
    """The value of one field: as applied before, in Git now, live now, and after the run."""

    applied: str | None
    git: str | None
    live: str | None
    result: str | None


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(Row("1", "1", "1", "1"), id="nobody changed it"),
        pytest.param(Row("1", "1", "9", "1"), id="only live changed"),
        pytest.param(Row("1", "2", "1", "2"), id="only Git changed"),
        pytest.param(Row("1", "2", "9", "2"), id="both changed"),
        pytest.param(Row("1", "2", "2", "2"), id="both changed to the same"),
        pytest.param(Row("1", ABSENT, "1", ABSENT), id="removed in Git"),
        pytest.param(Row("1", ABSENT, "9", ABSENT), id="removed in Git, changed live"),
        pytest.param(Row("1", "1", ABSENT, "1"), id="removed live"),
        pytest.param(Row("1", "2", ABSENT, "2"), id="removed live, changed in Git"),
        pytest.param(Row("1", ABSENT, ABSENT, ABSENT), id="removed in both"),
        pytest.param(Row(ABSENT, ABSENT, "9", ABSENT), id="added live (apply: stays)"),
        pytest.param(Row(ABSENT, "1", "9", "1"), id="added in both"),
        pytest.param(Row(ABSENT, "1", ABSENT, "1"), id="added in Git"),
    ],
)
def test_people_are_overruled(job: Job, person: Person, row: Row) -> None:
    """Git decides about every field of an object that it holds."""
    _run(job, person, row)
    assert job.sync().code == 0
    assert person.live("ConfigMap", "one")["data"].get("a") == row.result
    assert job.diff().code == 0


@pytest.mark.parametrize(
    ("row", "code"),
    [
        pytest.param(Row("1", "1", "1", "1"), 0, id="the same"),
        pytest.param(Row("1", "1", "9", "9"), 3, id="changed by the co-owner (apply: overwritten)"),
        pytest.param(
            Row("1", ABSENT, "1", "1"), 0, id="removed in Git, kept by the co-owner (apply: removed)"
        ),
        pytest.param(
            Row("1", ABSENT, "9", "9"), 0, id="removed in Git, changed by the co-owner (apply: removed)"
        ),
    ],
)
def test_co_owners_are_not(job: Job, person: Person, row: Row, code: int) -> None:
    """A declared co-owner keeps what it has taken, and a clash is reported."""
    job.options = {"coOwners": ["controller"]}
    _run(job, replace(person, manager="controller"), row)
    assert job.sync().code == code
    assert person.live("ConfigMap", "one")["data"].get("a") == row.result


def _run(job: Job, writer: Person, row: Row) -> None:
    """Apply, let somebody change the cluster, and change Git."""
    job.repository.commit({"app/one.yaml": _body(row.applied)})
    job.sync()
    if writer.manager == "controller":
        body = config_map("one", a=str(row.live))
        body["metadata"]["namespace"] = writer.namespace
        writer.apply(body)
    elif row.live != row.applied:
        writer.patch("ConfigMap", "one", {"data": {"a": row.live}})
    job.repository.commit({"app/one.yaml": _body(row.git)})


def _body(value: str | None) -> dict[str, object]:
    return config_map("one", base="x") if value is ABSENT else config_map("one", base="x", a=value)
