"""Explains a value of an environment: where it comes from, and what each layer says about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_origin

from pydantic import BaseModel

from envs.config.layers.folder import FOLDER
from envs.config.layers.merge import NOWHERE, is_verbatim, keeps_nulls
from envs.config.load import Configuration
from envs.config.model import lookup
from envs.config.model.environment import Environment
from envs.config.model.fields import NONE
from envs.config.model.typed import Short
from envs.config.reading.faults import ConfigurationError, suggestion
from envs.config.validation.verbatim import untyped
from kube.yaml.faults import Fault
from kube.yaml.origin import Origin
from kube.yaml.paths import Path, dotted, steps
from kube.yaml.tree import Node


@dataclass(frozen=True, slots=True)
class Said:
    """What one layer says about a path, or in `path` about a mapping above it that it removes or replaces."""

    origin: Origin
    path: str
    value: Any
    """Plain data: text, mappings and lists as they are written."""
    removes: bool
    """Whether it is a null that removes what weaker layers said; in a patch, null is a value."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The value at a path of an environment and how it came about."""

    environment: str
    path: str
    value: Any
    """Plain data as a layer could say it; None where nothing holds."""
    origin: Origin | None
    """Where the value is written; None for a default of the model and where there is no value."""
    default: bool
    """Whether the value is the default of the model, since no layer sets it."""
    said: tuple[Said, ...]
    """What the layers say, weakest first; the last one wins, and mappings are merged."""
    meaning: str
    """The documentation of the field, or of the field that holds it."""


def explain(configuration: Configuration, environment: str, path: str) -> Explanation:
    """Explain a dotted path such as apps.web.config[/etc/app.conf]; keys with dots are in brackets.

    Raises ConfigurationError, with a suggestion, for an environment or a path that does not exist.
    """
    typed = configuration.environment(environment)
    wanted = _steps(environment, path)
    said = tuple(_said(configuration.layers[environment], wanted))
    found, value, meaning = _look_up(typed, wanted)
    if not found and not (said and _is_possible(wanted)):
        raise ConfigurationError([_unknown(typed, wanted)])
    path = dotted(wanted)
    written = found and bool(said) and said[-1].path == path and not said[-1].removes
    origin = said[-1].origin if written else None
    return Explanation(environment, path, plain(value), origin, found and not written, said, meaning)


def plain(value: Any) -> Any:
    """Turn typed values into plain data, keys as in YAML; what is switched off is the word `none`."""
    if isinstance(value, BaseModel):
        return {
            (field.alias or name): plain(_field_value(value, name))
            for name, field in type(value).model_fields.items()
        }
    if isinstance(value, Mapping):
        return {str(key): plain(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [plain(child) for child in value]
    if value is None or isinstance(value, bool | float):
        return value
    return int(value) if isinstance(value, int) else str(value)


def _field_value(model: BaseModel, name: str) -> Any:
    """Read a field; what a layer has switched off is the word that did it, not what nothing says."""
    value, field = getattr(model, name), type(model).model_fields[name]
    is_off = value is None and name in model.model_fields_set
    return NONE if is_off and lookup.admits_none(lookup.field_type(field)) else value


def _steps(environment: str, path: str) -> Path:
    try:
        return steps(path)
    except ValueError as error:
        raise ConfigurationError([_fault(environment, "", str(error))]) from error


def _said(layers: tuple[Node, ...], path: Path) -> Iterator[Said]:
    for layer in layers:
        node, depth = _deepest(layer, path)
        written = node.origin != NOWHERE
        if written and (depth == len(path) or not isinstance(node.value, dict)) and depth > 0:
            origin = node.key if isinstance(node.value, dict) else node.origin
            removes = node.value is None and not keeps_nulls(path[:depth])
            yield Said(origin, dotted(path[:depth]), _as_written(node, path[:depth]), removes)


def _deepest(layer: Node, path: Path) -> tuple[Node, int]:
    """Find the deepest node on a path and its depth; a short form stands for its field."""
    node, annotation = layer, Environment
    for depth, step in enumerate(path):
        below = node.child(step)
        if below is None:
            return node, depth + 1 if _is_short(node, annotation, step) and depth + 1 == len(path) else depth
        node, annotation = below, lookup.child(annotation, step)
    return node, len(path)


def _is_possible(path: Path) -> bool:
    """Whether a path is possible by the models, even if this environment has no value there."""
    annotation: Any = Environment
    for step in path:
        annotation = Any if annotation is Any else lookup.child(annotation, step)
        if annotation is None:
            return False
    return True


def _is_short(node: Node, annotation: Any, step: str) -> bool:
    if isinstance(node.value, dict) or node.value is None:
        return False
    if step == "0" and any(get_origin(part) is tuple for _, part in lookup.alternatives(annotation)):
        return True  # one value where a list is allowed
    shorts = [model for model in lookup.models(annotation) if issubclass(model, Short)]
    return any((model.model_fields[model.short].alias or model.short) == step for model in shorts)


def _as_written(node: Node, path: Path) -> Any:
    return plain(untyped(node)) if is_verbatim(path) else _text(node)


def _text(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _text(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_text(child) for child in node.value]
    return None if node.value is None else str(node.value)


def _look_up(typed: Environment, path: Path) -> tuple[bool, Any, str]:
    """Follow a path through the typed values: whether it exists, its value, and the nearest documentation."""
    value: Any = typed
    meaning = ""
    for step in path:
        meaning = lookup.meaning(type(value), step) or meaning
        found, value = _below(value, step)
        if not found:
            return False, None, meaning
    return True, value, meaning


def _below(value: Any, step: str) -> tuple[bool, Any]:
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            if (field.alias or name) == step:
                return True, _field_value(value, name)
    elif isinstance(value, Mapping) and step in value:
        return True, value[step]
    elif isinstance(value, list | tuple) and step.isdecimal() and int(step) < len(value):
        return True, value[int(step)]
    return False, None


def _unknown(typed: Environment, path: Path) -> Fault:
    value: Any = typed
    for depth, step in enumerate(path):
        found, below = _below(value, step)
        if not found:
            return _fault(typed.name, dotted(path[: depth + 1]), _advice(value, step, path[:depth]))
        value = below
    raise AssertionError("the path exists")


def _advice(value: Any, step: str, above: Path) -> str:
    known = [*lookup.fields(type(value))] if isinstance(value, BaseModel) else []
    known = [str(key) for key in value] if isinstance(value, Mapping) else known
    if not known:
        content = "not set" if value is None or value == NONE else "a single value"
        return f"there is nothing below {dotted(above)}, which is {content}"
    hint = suggestion(step, known) or f"; known here are {', '.join(known)}"
    return f"there is no such value{hint}"


def _fault(environment: str, path: str, message: str) -> Fault:
    return Fault(Origin(f"{FOLDER}/{environment}.yaml", 1, 1), path, message)
