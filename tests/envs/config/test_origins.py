"""Every final value knows the text that it was written as: all leaf types, short forms, aliases and layers."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

import pytest
from pydantic import BaseModel, TypeAdapter

from envs.config.load import load
from envs.config.model import lookup
from envs.config.model.environment import Environment
from kube.yaml.origin import Number, Origin, Text, origin_of
from tests.roots import scalars_at
from tests.tree import SAMPLE

ROOT = SAMPLE
WITHOUT_ORIGIN = {
    bool,
    UUID,
    type(None),
    Any,
}  # Python allows no subclass of bool; a uid is compared, not rendered
EXAMPLES = [
    *("1", "a", "A", "/a", "a/B", "50%", "1h", "10.0.0.0/8", "* * * * *", "Etc/UTC", "2026-01-01T00:00:00Z"),
    *("docker.io/a/b", "https://example.com/a.git", "Pod/a/b", "2026-12-31", "30", "180d", "0" * 40, "0400"),
    "dev@example.com ssh-ed25519 AAAA",
    "Web pipeline <web@example.com>",
    "v1",
    "https://example.com/compare/{old}...{new}",
]


def _leaves(annotation: Any, name: str, seen: set[type]) -> Iterator[tuple[str, Any]]:
    """Yield the annotations of single values below an annotation, each with the name of its field."""
    for _, part in lookup.alternatives(annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            yield from _leaves_of_model(part, seen)
        elif part == dict[str, Any]:  # a Kubernetes object as it is written
            continue
        elif get_origin(part) in {dict, tuple}:
            for inner in get_args(part):
                yield from _leaves(inner, name, seen) if inner is not ... else ()
        elif part not in WITHOUT_ORIGIN:
            yield name, annotation


def _leaves_of_model(model: type[BaseModel], seen: set[type]) -> Iterator[tuple[str, Any]]:
    if model in seen:
        return
    seen.add(model)
    for name, field in model.model_fields.items():
        yield from _leaves(lookup.field_type(field), f"{model.__name__}.{name}", seen)


LEAVES = [*_leaves(Environment, "Environment", set())]


def test_the_walk_over_the_models_finds_their_leaves() -> None:
    names = {name for name, _ in LEAVES}
    assert {"Environment.tier", "Port.number", "Port.protocol", "Variable.text", "Cluster.context"} <= names


@pytest.mark.parametrize(("name", "annotation"), LEAVES, ids=[name for name, _ in LEAVES])
def test_a_leaf_type_keeps_the_origin_of_its_value(name: str, annotation: Any) -> None:
    origin = Origin("layer.yaml", 3, 7)
    adapter = TypeAdapter(annotation)
    for example in [*_words(annotation), *EXAMPLES]:
        try:
            value = adapter.validate_python(Text(example, origin))
        except ValueError:
            continue
        while isinstance(value, tuple):
            value = value[0]
        assert origin_of(value) == origin, f"{name} loses the origin of {example}"
        return
    pytest.fail(f"no example fits {name}; add one")


def _words(annotation: Any) -> list[str]:
    return [
        word
        for _, part in lookup.alternatives(annotation)
        if get_origin(part) is Literal
        for word in get_args(part)
    ]


def test_every_value_of_the_samples_stands_where_its_origin_says() -> None:
    checked = 0
    texts = cache(lambda file: scalars_at((ROOT / file).read_text("utf-8")))
    for environment in load(ROOT).environments.values():
        for value in _values(environment):
            origin = origin_of(value)
            if origin is not None and origin.file.endswith(".yaml"):
                assert texts(origin.file)[origin.line, origin.column] == str(value)
                checked += 1
    assert checked > 100


def _values(value: Any) -> Iterator[Any]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from () if name == "name" else _values(getattr(value, name))
    elif isinstance(value, Mapping):
        for child in value.values():
            yield from _values(child)
    elif isinstance(value, list | tuple):
        for child in value:
            yield from _values(child)
    else:
        yield value


def test_copies_keep_the_origin() -> None:
    origin = Origin("environments/qa.yaml", 3, 7)
    for value in (Text("web", origin), Number(3, origin)):
        assert copy.deepcopy({"a": [value]})["a"][0].origin == origin
