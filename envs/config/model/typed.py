"""Base of all models: frozen, no unknown keys, camelCase in YAML, short forms, and the word `none`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema

from envs.config.model.documentation import documentation
from envs.config.model.fields import NONE
from kube.yaml.faults import quoted


class Model(BaseModel):
    """A mapping of a layer."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Return the model itself, which never changes; pydantic copies defaults for each model that takes them."""
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe each field by its documentation."""
        schema = handler(core)
        properties = handler.resolve_ref_schema(schema)["properties"]
        for name, text in documentation(cls).items():
            properties[cls.model_fields[name].alias or name]["description"] = text
        return schema


class Short(Model):
    """A mapping that may also be written as the single value of its field `short`."""

    short: ClassVar[str]

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, value: Any) -> Any:
        return value if isinstance(value, Mapping | cls) else {cls.short: value}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe both forms."""
        long = handler.resolve_ref_schema(super().__get_pydantic_json_schema__(core, handler))
        alias = cls.model_fields[cls.short].alias or cls.short
        return {"anyOf": [long["properties"][alias], dict(long)], "description": long.get("description", "")}


class OrNoneWord:
    """Marks a type that the word `none` switches off, and adds the word to its JSON schema."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(core), {"const": NONE}]}


class _OrOne:
    """Adds the single item to the JSON schema of a list."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        several = handler(core)
        return {"anyOf": [several["items"], several]}


_SIMILAR = frozenset({"none", "null", "false", "off", "no", "disabled"})


def _none_word(value: Any) -> Any:
    if isinstance(value, str) and value != NONE and value.lower() in _SIMILAR:
        raise ValueError(f"{quoted(value)} does not switch this off; write {NONE}")
    return None if value == NONE else value


Kept = TypeVar("Kept")
# A safe default that only the word `none` switches off; null would bring the default back.
OrNone = Annotated[Kept | None, BeforeValidator(_none_word), OrNoneWord()]


def _one_or_many(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


OneOrMany = Annotated[tuple[Kept, ...], BeforeValidator(_one_or_many), _OrOne()]


def _mapping(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError("is not a mapping; write key: value")  # noqa: TRY004 a fault of the layer
    return value


# What a component of the root's own takes; the model of its file types it in a second step.
Own = Annotated[Any, BeforeValidator(_mapping), WithJsonSchema({"type": "object"})]

# Kubernetes objects and parts of them, taken as they are written.
Verbatim = Annotated[dict[str, Any], WithJsonSchema({"type": "object"})]
