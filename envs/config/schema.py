"""Makes the JSON schema of a layer from the models, for editors: everything is optional and may be null."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from envs.config.layers.defaults import APP, WORKLOAD, default_fields
from envs.config.layers.folder import FOLDER
from envs.config.model.environment import Environment
from envs.config.model.workload import KINDS
from envs.config.own import OwnSpec, read_components

Schema = dict[str, Any]

_SCALAR = ["string", "number", "boolean"]  # all scalars of a layer are read as text first, quoted or not
_NULL: Schema = {"type": "null"}
_REFERENCE = "#/definitions/"
_DRAFT = "http://json-schema.org/draft-07/schema#"
_EXTENDS: Schema = {
    "description": "Layers below this one, weakest first; default: base.",
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}, _NULL],
}
_DEFAULTS = (
    "Values beneath everything that apps say: of every app, of every workload, and by kind of workload."
)
_OF = {APP: "app", WORKLOAD: "workload"}
_APP_FILE = "AppFile"
Models = Mapping[str, type[OwnSpec]]
"""Models of a root's own components, by kind."""


def schema_files(root: Path) -> dict[str, bytes]:
    """Make the schemas of a root: that of its layers, and that of the apps' own files, which refers to it."""
    of_apps = {
        "$schema": _DRAFT,
        "title": "The file of one app in a layer",
        "$ref": f"schema.json{_REFERENCE}{_APP_FILE}",
    }
    return {
        f"{FOLDER}/schema.json": schema_text(read_components(root).models).encode(),
        f"{FOLDER}/app.schema.json": _text(of_apps).encode(),
    }


def schema_text(own: Models | None = None) -> str:
    """Text of environments/schema.json; the same models give the same bytes."""
    return _text(layer_schema(own or {}))


def _text(schema: Schema) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def layer_schema(own: Models) -> Schema:
    """Make the JSON schema (draft 7, which editors know) of a layer, with the root's own components."""
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
    components = _described(own, definitions)
    definitions["App"]["properties"]["components"] = _components(components, definitions)
    layer["properties"]["defaults"] = _nullable(
        {"description": _DEFAULTS, **_defaults(definitions, components)}
    )
    definitions[_APP_FILE] = _app_file(definitions)
    used = _used({"of": [layer, definitions[_APP_FILE]]}, definitions) | {_APP_FILE}
    return {
        "$schema": _DRAFT,
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


def _defaults(definitions: Mapping[str, Schema], own: Mapping[str, Schema]) -> Schema:
    """Describe `defaults` by the fields of apps, workloads and the root's own components, none of them required."""
    known = {name: definitions[name]["properties"] for name in ("App", "Workload")}
    described = {name: "App" if name == APP else "Workload" for name in default_fields()}
    components = {
        kind: {
            "description": f"Values beneath those of every component of kind {kind}.",
            "anyOf": [
                _mapping({name: field for name, field in schema["properties"].items() if name != "kind"}),
                _NULL,
            ],
        }
        for kind, schema in own.items()
    }
    return _mapping(
        components
        | {
            name: {
                "description": f"Values beneath those of every {_OF.get(name, f'workload of kind {name}')}.",
                "anyOf": [
                    {
                        "allOf": [{"$ref": f"{_REFERENCE}{described[name]}"}],
                        "propertyNames": {"enum": [key for key in fields if key in known[described[name]]]},
                    },
                    _NULL,
                ],
            }
            for name, fields in default_fields().items()
        }
    )


def _described(own: Models, definitions: dict[str, Schema]) -> dict[str, Schema]:
    """Describe the root's own components by kind; what their models refer to is added to the definitions."""
    found = {}
    for kind, model in own.items():
        full = model.model_json_schema(ref_template=_REFERENCE + "{model}")
        definitions |= {name: _relaxed(schema) for name, schema in full.pop("$defs", {}).items()}
        found[kind] = {**_relaxed(full), "title": kind}
    return found


def _components(own: Mapping[str, Schema], definitions: Mapping[str, Schema]) -> Schema:
    """Describe the components of an app; an overlay may omit the kind."""
    choices = list(own.values())
    app: Schema = definitions["App"]["properties"]["components"]
    for choice in app["anyOf"]:
        for pattern in choice.get("patternProperties", {}):
            choice["patternProperties"][pattern] = {"anyOf": [*(choices or [{"type": "object"}]), _NULL]}
    return app


def _app_file(definitions: Mapping[str, Schema]) -> Schema:
    """Describe the file of one app: the app, and the exemptions that the platform may let it have."""
    exemptions = definitions["Policies"]["properties"]["exemptions"]
    app = definitions["App"]
    policies = {
        "description": "Exemptions for objects of this app, where `policies.delegates` names it.",
        **_nullable(_mapping({"exemptions": exemptions})),
    }
    return {**app, "properties": {**app["properties"], "policies": policies}}


def _mapping(properties: Schema) -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": properties}


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
