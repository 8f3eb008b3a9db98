"""Messages are words of the configuration: whatever stands wherever, no word of a library comes out."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args, get_origin

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

from envs.config.layers.merge import merge
from envs.config.model import lookup
from envs.config.model.environment import Environment
from envs.config.reading.document import parse_document
from envs.config.reading.faults import ConfigurationError
from envs.config.validation.validate import validate
from kube.yaml.faults import Fault
from tests.roots import BASE

JARGON = re.compile(
    r"input|pydantic|should|valid |validation|type=|dict|tuple|nonetype|literal|function|schema|"
    r"instance|union|string|traceback|does not fit here",
    re.IGNORECASE,
)
SCALARS = ("word", "0400", "99999", "9" * 30, "''", "none", "true")
WRONG = (*SCALARS, "[]", "[[x]]", "[null]", "{}", "{a: b}", "{a: {b: c}}", "[{a: b}]")


@cache
def _paths() -> tuple[tuple[str, ...], ...]:
    """Every path that the models know, with a name of ours where any name may stand."""
    return tuple(_paths_below(Environment, ()))


def _paths_below(annotation: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if path:
        yield path
    for kind, part in lookup.alternatives(annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            for name, field in lookup.fields(part).items():
                yield from _paths_below(lookup.field_type(field), (*path, *_kind(kind, name), name))
        elif get_origin(part) is dict:
            names, values = get_args(part)
            yield (*path, "Not A Name")
            yield from _paths_below(values, (*path, _name(names)))


def _name(annotation: Any) -> str:
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    for name in ("x", "/x", "docker.io/x/y", "Deployment"):
        with contextlib.suppress(ValueError):
            adapter.validate_python(name)
            return name
    raise AssertionError(f"no name fits {annotation}")


def _kind(tag: str, field: str) -> tuple[str, ...]:
    return (f"kind={tag}",) if tag and field != "kind" else ()


def _text(path: tuple[str, ...], value: str) -> str:
    text = value
    for step in reversed(path):
        name, _, kind = step.partition("=")
        text = f"kind: {kind}, {text[1:-1]}" if kind else f'"{name}": {text}'
        text = f"{{{text}}}"
    return text


@st.composite
def _layers(draw: st.DrawFn) -> str:
    path = draw(st.sampled_from(_paths()))
    return _text(path, draw(st.sampled_from(WRONG)))


def _faults(text: str) -> list[Fault]:
    base = parse_document((BASE + "tier: test\nname: qa\n").encode(), "base.yaml")
    try:
        validate(merge([base, parse_document(text.encode(), "layer.yaml")]))
    except ConfigurationError as error:
        return error.faults
    return []


@given(_layers())
@settings(max_examples=300, deadline=None)
def test_a_wrong_value_at_any_path_gives_faults_in_words_of_the_configuration(text: str) -> None:
    for fault in _faults(text):
        assert not JARGON.search(re.sub(r'"[^"]*"|`[^`]*`', "", fault.message)), fault
        assert fault.path
        assert fault.origin.file in {"layer.yaml", "base.yaml"}


def test_a_wrong_value_at_most_paths_is_a_fault() -> None:
    paths = _paths()
    assert sum(bool(_faults(_text(path, "[[x]]"))) for path in paths) > len(paths) * 0.9
