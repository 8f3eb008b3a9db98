"""Turns errors of pydantic into faults: at their place in the layers and in terms of the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from envs.config.model import lookup
from envs.config.model.environment import Environment
from envs.config.model.workload import KINDS
from envs.config.reading.faults import suggestion
from kube.yaml.faults import Fault, quoted
from kube.yaml.paths import Path, dotted
from kube.yaml.tree import Node

_EXPECTED = {
    "model_type": "a mapping, key: value",
    "model_attributes_type": "a mapping, key: value",
    "dict_type": "a mapping, key: value",
    "tuple_type": "a list",
    "string_type": "a single value",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "uuid_type": "a single value",
}
_KIND_STEP = 4  # apps, <app>, workloads, <workload>, then the kind that pydantic chose
_MOST_NAMES = 12
_NOT_IN_LAYERS = {
    (1, "name"),
    (_KIND_STEP + 2, "release"),
}  # the name of the file, and what has files of its own


def fault_of(tree: Node, details: ErrorDetails, above: Path = (), around: Any = Environment) -> Fault:
    """Turn one error into a fault; the location of the error is below the path `above`, in the model `around`."""
    kind, location = details["type"], (*above, *_layer_path(details["loc"]))
    if kind == "extra_forbidden":
        node, path = _find(tree, location)
        return Fault(node.key, dotted(path), _unknown_field(details["loc"], around))
    if kind == "missing":
        node, path = _find(tree, location[:-1])
        null = node.removed.get(str(location[-1]))
        message = _missing(details["loc"], around)
        if null is not None:
            return Fault(
                null.origin,
                dotted((*path, location[-1])),
                f"{message}; what is written here is empty, or null",
            )
        return Fault(node.key, dotted((*path, location[-1])), message)
    if kind == "union_tag_invalid":
        return _wrong_kind(tree, location, details)
    if location and location[-1] == "[key]":
        node, path = _find(tree, location[:-1])
        return Fault(node.key, dotted(path), f"as a name: {_message(details)}")
    node, path = _find(tree, location)
    return Fault(node.place, dotted(path), _message(details))


def _layer_path(location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Remove the kind of a workload, which pydantic inserts into the path."""
    if len(location) > _KIND_STEP and (location[0], location[2]) == ("apps", "workloads"):
        return (*location[:_KIND_STEP], *location[_KIND_STEP + 1 :])
    return location


def _find(tree: Node, location: tuple[int | str, ...]) -> tuple[Node, Path]:
    """Find the deepest node on a path, and its path; a short form does not show its last step."""
    node = tree
    path: Path = ()
    for step in location:
        below = node.child(step)
        if below is None:
            break
        node, path = below, (*path, str(step))
    return node, path


def _unknown_field(location: tuple[int | str, ...], model: Any) -> str:
    name, around = str(location[-1]), _annotation(location[:-1], model)
    known = [field for field in lookup.fields(around) if (len(location), field) not in _NOT_IN_LAYERS]
    hint = suggestion(name, known)
    if hint:
        return f"unknown field{hint}"
    kinds = [kind for kind, model in KINDS.items() if name in lookup.fields(model)]
    if kinds and location[2:3] == ("workloads",) and len(location) == _KIND_STEP + 2:
        owners = " or ".join(f"`kind: {kind}`" for kind in kinds)
        return f"`kind: {location[_KIND_STEP]}` has no such field; it belongs to {owners}"
    names = ", ".join([*known][:_MOST_NAMES]) + (", …" if len(known) > _MOST_NAMES else "")
    return f"unknown field; known here are {names}"


def _missing(location: tuple[int | str, ...], model: Any) -> str:
    meaning = lookup.meaning(_annotation(location[:-1], model), str(location[-1]))
    return f"is missing{f': {meaning.splitlines()[0]}' if meaning else ''}".rstrip(".")


def _wrong_kind(tree: Node, location: tuple[int | str, ...], details: ErrorDetails) -> Fault:
    node, path = _find(tree, (*location, "kind"))
    if not isinstance(node.value, str):
        return Fault(node.place, dotted(path), f"is {_shown(node.value)}; expected one of {', '.join(KINDS)}")
    tag = str(details.get("ctx", {}).get("tag", ""))
    return Fault(node.place, dotted(path), _not_one_of(tag, list(KINDS)))


def _annotation(location: tuple[int | str, ...], model: Any) -> Any:
    annotation: Any = model
    for step in location:
        below = lookup.child(annotation, step)
        annotation = annotation if below is None else below
    return annotation


def _message(details: ErrorDetails) -> str:
    kind = details["type"]
    if kind in _EXPECTED:
        return f"is {_shown(details['input'])}; expected {_EXPECTED[kind]}"
    write = _WORDS.get(kind)
    return (
        write(details["input"], details.get("ctx", {}))
        if write
        else f"{_shown(details['input'])} does not fit here"
    )


def _literal(value: Any, context: Mapping[str, Any]) -> str:
    words = [word.strip("'") for word in context["expected"].replace(" or ", ", ").split(", ")]
    if not isinstance(value, str):
        return f"is {_shown(value)}; expected one of {', '.join(words)}"
    return _not_one_of(value, words)


def _not_one_of(value: str, words: list[str]) -> str:
    return f"{quoted(value)} is not one of {', '.join(words)}{suggestion(value, words)}"


def _shown(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list) else quoted(str(value))


_WORDS: dict[str, Callable[[Any, Mapping[str, Any]], str]] = {
    "value_error": lambda _, context: str(context["error"]),
    "literal_error": _literal,
    "too_short": lambda _value, _context: "is empty; write at least one value, or delete the line",
    "uuid_parsing": lambda value, _: (
        f"{quoted(value)} is not a uid; copy it from "
        "`kubectl get namespace kube-system -o jsonpath={.metadata.uid}`"
    ),
}
