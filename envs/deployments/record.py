"""One deployment and its line in a Git note: a JSON object whose first key is the time, so that lines sort by it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from envs.errors import CommandError, Exit
from kube.moments import moment

LONGEST_LINE = 4096
"""Bytes of one record; a longer line is not read."""
_ID = Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")
_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"


class Result(StrEnum):
    """How a deployment ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """It began and did not end well: what runs is partly this commit and partly the one before."""
    REJECTED = "rejected"
    """It did not begin, for example since a reviewer said no: what ran before runs on."""


class _Line(BaseModel):
    """What a line says; the commit is the object that the note is attached to."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    at: AwareDatetime
    environment: Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    root: Annotated[str, Field(max_length=500, pattern=_PRINTABLE)] = ""
    tree: Annotated[str, _ID]
    result: Result
    actor: Annotated[str, Field(max_length=200, pattern=_PRINTABLE)] = ""
    run: Annotated[str, Field(max_length=500, pattern=r"^(https?://[^\s\x00-\x1f\x7f]+)?$")] = ""


class Deployment(_Line):
    """A deployment of a commit to an environment, as it was recorded when it ended."""

    commit: Annotated[str, _ID]

    def line(self) -> str:
        """Write the record as one line. Raises CommandError if it is too long to be read again."""
        said = _Line(**self.model_dump(exclude={"commit"}))
        text = said.model_copy(update={"at": moment(self.at)}).model_dump_json(
            warnings=False, exclude_defaults=True
        )
        if len(text.encode()) > LONGEST_LINE:
            raise CommandError("the record of a deployment is too long; shorten actor or run", Exit.BAD_INPUT)
        return text


def deployment(  # noqa: PLR0913 each is a field of the record
    *, commit: str, environment: str, root: str, tree: str, at: datetime, result: Result, actor: str, run: str
) -> Deployment:
    """Make a record of what people and pipelines say. Raises CommandError for a value that no record may have."""
    try:
        return Deployment(
            commit=commit,
            environment=environment,
            root=root,
            tree=tree,
            at=at.replace(microsecond=0),
            result=result,
            actor=actor,
            run=run,
        )
    except ValidationError as error:
        problems = ", ".join(_problems(error))
        raise CommandError(f"the deployment cannot be recorded: {problems}", Exit.BAD_INPUT) from error


def parse_note(commit: str, note: bytes) -> Iterator[Deployment | str]:
    """Yield each record of a note, and for each line that is none a message that says why.

    Reading is strict: a line with an unknown key, without a time zone or longer than LONGEST_LINE is no record,
    so that nothing is concluded from a line that was only half understood.
    """
    for number, line in enumerate(note.split(b"\n"), 1):
        if not line.strip():
            continue
        if len(line) > LONGEST_LINE:
            yield f"{_place(commit, number)}: is longer than {LONGEST_LINE} bytes"
            continue
        try:
            said = _Line.model_validate_json(line)
            yield Deployment(commit=commit, **said.model_dump())
        except ValidationError as error:
            yield f"{_place(commit, number)}: {', '.join(_problems(error))}"


def _place(commit: str, number: int) -> str:
    return f"note of commit {commit[:12]}, line {number}"


def _problems(error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        place = ".".join(map(str, each["loc"]))
        yield f"{place}: {each['msg']}" if place else each["msg"]
