"""Finds the models, and their fields, that are possible at a path."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Tag
from pydantic.fields import FieldInfo

from envs.config.model.documentation import documentation
from envs.config.model.typed import OrNoneWord


def fields(annotation: Any) -> dict[str, FieldInfo]:
    """Fields of all models that an annotation admits, by their names in YAML."""
    return {
        (field.alias or name): field
        for model in models(annotation)
        for name, field in model.model_fields.items()
    }


def meaning(annotation: Any, key: str) -> str:
    """Documentation of a field, by its name in YAML; empty where there is none, or no such field."""
    texts = [
        documentation(model).get(name, "")
        for model in models(annotation)
        for name, field in model.model_fields.items()
        if (field.alias or name) == key
    ]
    return texts[-1] if texts else ""


def models(annotation: Any) -> list[type[BaseModel]]:
    """Models that an annotation admits."""
    return [
        part for _, part in alternatives(annotation) if isinstance(part, type) and issubclass(part, BaseModel)
    ]


def child(annotation: Any, step: Any) -> Any:
    """Return the annotation of what is below a key or a number; None where nothing may be there.

    A tag of a union is a step, too, since pydantic includes it in the locations of its errors.
    """
    found = [below for tag, part in alternatives(annotation) for below in _below(tag, part, step)]
    return Union[tuple(found)] if found else None  # noqa: UP007 made at run time


def alternatives(annotation: Any, tag: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the members of a union, each with its tag, inside any annotations around them."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        tags = [extra.tag for extra in arguments[1:] if isinstance(extra, Tag)]
        yield from alternatives(arguments[0], tags[0] if tags else tag)
    elif origin in {Union, types.UnionType}:
        for part in arguments:
            yield from alternatives(part, tag)
    else:
        yield tag, annotation


def admits_none(annotation: Any) -> bool:
    """Whether the word `none` switches off what stands there, which is None then."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return any(isinstance(extra, OrNoneWord) for extra in arguments[1:]) or admits_none(arguments[0])
    return origin in {Union, types.UnionType} and any(map(admits_none, arguments))


def field_type(field: FieldInfo) -> Any:
    """Annotation of a field, with the metadata that pydantic has split off."""
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def _below(tag: str, part: Any, step: Any) -> Iterator[Any]:
    if tag and tag == step:
        yield part
    elif isinstance(part, type) and issubclass(part, BaseModel):
        field = fields(part).get(str(step))
        if field is not None:
            yield field_type(field)
    elif get_origin(part) is dict:
        yield get_args(part)[1]
    elif get_origin(part) in {list, tuple} and str(step).isdigit():
        yield get_args(part)[0]
