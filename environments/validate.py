"""A merged tree in, a typed Environment out, or faults that point into the layers."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from environments.document import Node, untyped
from environments.faults import ConfigurationError, Fault, suggestion
from environments.layers import Path, is_verbatim
from environments.model import Environment
from environments.origin import Origin, with_origin

_EXPECTED = {
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
    "string_type": "one value",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "int_parsing": "a whole number",
}


def validate(tree: Node) -> Environment:
    """Check a merged tree against the model; raises ConfigurationError with all faults."""
    try:
        return Environment.model_validate(_plain(tree, ()))
    except ValidationError as error:
        raise ConfigurationError(
            _fault(tree, details) for details in error.errors(include_url=False)
        ) from error


def locate(tree: Node, path: tuple[Any, ...]) -> tuple[Node, Path]:
    """Find the deepest node on a path, and its path; steps that the layers do not show are passed over."""
    node = tree
    found: Path = ()
    for step in path:
        child = _step(node, step)
        if child is not None:
            node, found = child, (*found, str(step))
    return node, found


def place(tree: Node, path: tuple[Any, ...]) -> Origin:
    """Where the value at a path stands; for a mapping, where its key stands."""
    node, _ = locate(tree, path)
    return node.key if isinstance(node.value, dict) else node.origin


def _step(node: Node, step: Any) -> Node | None:
    if isinstance(node.value, dict):
        return node.value.get(str(step))
    if isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
        return node.value[step]
    return None


def _plain(node: Node, path: Path) -> Any:
    if is_verbatim(path):
        return _verbatim(node)
    if isinstance(node.value, dict):
        return {key: _plain(child, (*path, key)) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(child, (*path, "*")) for child in node.value]
    return node.value


def _verbatim(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _verbatim(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_verbatim(child) for child in node.value]
    return with_origin(untyped(node), node.origin)


def _fault(tree: Node, details: ErrorDetails) -> Fault:
    loc = details["loc"]
    node, path = locate(tree, loc)
    kind = details["type"]
    if kind == "extra_forbidden":
        message = f"unknown field{suggestion(str(loc[-1]), _known_fields(Environment, loc[:-1]))}"
        return Fault(node.key, ".".join(path), message)
    if kind == "missing":
        return Fault(node.key, ".".join((*path, str(loc[-1]))), "is missing")
    if loc and loc[-1] == "[key]":
        origin = place(tree, loc[:-1])
        return Fault(origin, ".".join(path), f"as a name: {_message(details)}")
    origin = node.key if isinstance(node.value, dict) else node.origin
    return Fault(origin, ".".join(path), _message(details))


def _message(details: ErrorDetails) -> str:
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    shown = f'"{value}"' if isinstance(value, str | int) else _describe(value)
    if kind in {"value_error", "assertion_error"}:
        return str(context["error"])
    if kind in {"literal_error", "enum"}:
        words = [word.strip("'") for word in context["expected"].replace(" or ", ", ").split(", ")]
        return f"{shown} is not one of {', '.join(words)}{suggestion(str(value), words)}"
    if kind == "union_tag_invalid":
        words = [word.strip("'") for word in context["expected_tags"].split(", ")]
        return f'kind "{context["tag"]}" is not one of {", ".join(words)}{suggestion(context["tag"], words)}'
    if kind in _EXPECTED:
        return f"is {shown}; expected {_EXPECTED[kind]}"
    return f"{shown}: {details['msg'][0].lower()}{details['msg'][1:]}"


def _describe(value: Any) -> str:
    if value is None:
        return "nothing"
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else str(value)


def _known_fields(model: Any, loc: tuple[Any, ...]) -> set[str]:
    """Names that the mapping at `loc` may hold, as far as the types say."""
    candidates: list[Any] = [model]
    for step in loc:
        following = [child for candidate in candidates for child in _children(candidate, step)]
        candidates = following or candidates  # a tag of a union is no step in the layers
    return {
        field.alias or name
        for candidate in candidates
        for inner in _unwrap(candidate)
        if isinstance(inner, type) and issubclass(inner, BaseModel)
        for name, field in inner.model_fields.items()
    }


def _children(annotation: Any, step: Any) -> Iterator[Any]:
    for inner in _unwrap(annotation):
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from (
                Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
                for name, field in inner.model_fields.items()
                if (field.alias or name) == step
            )
        elif get_origin(inner) is dict:
            yield get_args(inner)[1]
        elif get_origin(inner) in {list, tuple}:
            yield get_args(inner)[0]


def _unwrap(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _unwrap(get_args(annotation)[0])
    elif origin in {Union, types.UnionType}:
        for part in get_args(annotation):
            yield from _unwrap(part)
    else:
        yield annotation
