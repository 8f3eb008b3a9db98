"""Makes the JSON schema of a layer from the models, for editors: everything is optional and may be null."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from envs.config.model.environment import Environment
from envs.config.model.workload import KINDS

Schema = dict[str, Any]

_SCALAR = ["string", "number", "boolean"]  # all scalars of a layer are read as text first, quoted or not
_NULL: Schema = {"type": "null"}
_REFERENCE = "#/definitions/"
_EXTENDS: Schema = {
    "description": "Layer below this one; default: base.",
    "anyOf": [{"type": "string"}, _NULL],
}


def schema_text() -> str:
    """Text of environments/schema.json; the same models give the same bytes."""
    return json.dumps(layer_schema(), indent=2, ensure_ascii=False) + "\n"


def layer_schema() -> Schema:
    """Make the JSON schema (draft 7, which editors know) of a layer."""
    full = Environment.model_json_schema(ref_template=_REFERENCE + "{model}")
    definitions = {name: _relaxed(schema) for name, schema in full.pop("$defs").items()}
    layer = _relaxed(full)
    layer["properties"] = {
        "extends": _EXTENDS,
        **{name: schema for name, schema in layer["properties"].items() if name != "name"},
    }
    definitions["Workload"] = _workload(definitions)
    workloads = definitions["App"]["properties"]["workloads"]
    _replace_union(workloads, {"$ref": f"{_REFERENCE}Workload"})
    used = _used(layer, definitions)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A layer of environments",
        **layer,
        "definitions": {name: definitions[name] for name in sorted(used)},
    }


def _relaxed(schema: Schema) -> Schema:
    """Rewrite the schema of a model for a layer: nothing is required, null and unquoted scalars are allowed."""
    relaxed = {key: value for key, value in schema.items() if key not in {"title", "required"}}
    for key in ("properties", "patternProperties"):
        if key in relaxed:
            relaxed[key] = {name: _nullable(_relaxed(value)) for name, value in relaxed[key].items()}
    if "patternProperties" in relaxed:
        relaxed["additionalProperties"] = False
    for key in ("anyOf", "oneOf"):
        if key in relaxed:
            relaxed[key] = [_relaxed(choice) for choice in relaxed[key]]
    if "items" in relaxed:
        relaxed["items"] = _relaxed(relaxed["items"])
    if relaxed.get("type") == "string" and not relaxed.keys() & {"enum", "const"}:
        relaxed["type"] = _SCALAR
    return relaxed


def _nullable(schema: Schema) -> Schema:
    """Allow null, which removes what a weaker layer sets; notes for readers stay outside the choice."""
    notes = {key: schema[key] for key in ("description", "default") if schema.get(key) is not None}
    inner = {key: value for key, value in schema.items() if key not in {"description", "default"}}
    return {**notes, "anyOf": [*(choice for choice in _choices(inner) if choice != _NULL), _NULL]}


def _choices(schema: Schema) -> Iterator[Schema]:
    if schema.keys() == {"anyOf"}:
        for choice in schema["anyOf"]:
            yield from _choices(choice)
    else:
        yield schema


def _workload(definitions: Mapping[str, Schema]) -> Schema:
    """Describe a workload of any kind; an overlay may omit the kind, and with one only its fields are allowed."""
    kinds = {kind: definitions[model.__name__]["properties"] for kind, model in KINDS.items()}
    properties = {name: schema for fields in kinds.values() for name, schema in fields.items()}
    properties["kind"] = {
        "description": properties["kind"]["description"],
        "default": "deployment",
        "anyOf": [{"enum": list(kinds)}, _NULL],
    }
    del properties["release"]  # it is in a file of its own
    return {
        "description": "One running thing of an app with what belongs to it.",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
                "then": {"propertyNames": {"enum": [name for name in fields if name != "release"]}},
            }
            for kind, fields in kinds.items()
        ],
    }


def _replace_union(schema: Schema, replacement: Schema) -> None:
    for choice in schema["anyOf"]:
        for pattern in choice.get("patternProperties", {}):
            choice["patternProperties"][pattern] = {"anyOf": [replacement, _NULL]}


def _used(schema: Schema, definitions: Mapping[str, Schema]) -> set[str]:
    """Names of the definitions that a schema refers to, directly or not."""
    used: set[str] = set()
    waiting = [schema]
    while waiting:
        names = set(re.findall(rf'"{_REFERENCE}([^"]+)"', json.dumps(waiting.pop())))
        waiting += [definitions[name] for name in names - used]
        used |= names
    return used
