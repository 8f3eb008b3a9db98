"""The JSON schema for editors: fresh, lenient where layers are, strict where a typo hides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from envs.config.reading.document import parse_document, read_document
from envs.config.schema import schema_text
from envs.config.validation.verbatim import untyped
from tests.roots import BASE, in_server, in_shop
from tests.tree import ROOTS, SAMPLE, TREE

LAYERS = sorted(
    path
    for folder in (*ROOTS, SAMPLE)
    for path in folder.glob("environments/*.yaml")
    if path.stem != "parity"
)


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft7Validator:
    document: dict[str, Any] = json.loads(schema_text())
    jsonschema.Draft7Validator.check_schema(document)
    return jsonschema.Draft7Validator(document)


def _errors(schema: jsonschema.Draft7Validator, text: str) -> list[str]:
    return [
        error.message for error in schema.iter_errors(untyped(parse_document(text.encode(), "layer.yaml")))
    ]


def test_the_committed_schema_is_fresh() -> None:
    committed = (TREE / "environments" / "schema.json").read_text("utf-8")
    assert committed == schema_text(), "run `envs schema` and commit environments/schema.json"


@pytest.mark.parametrize("path", LAYERS, ids=[str(path.relative_to(TREE)) for path in LAYERS])
def test_every_layer_is_valid(path: Path, schema: jsonschema.Draft7Validator) -> None:
    assert [error.message for error in schema.iter_errors(untyped(read_document(path, path.name)))] == []


def test_the_samples_are_among_the_layers_that_are_tested() -> None:
    assert {"base", "qa", "e2e", "prod"} <= {path.stem for path in LAYERS}


@pytest.mark.parametrize(
    "text",
    [
        "tier: test\n",
        "extends: prod\n",
        "extends: [prod, eu]\n",
        "defaults: {app: {team: web}, workload: {env: {TZ: UTC}, grace: 5}, cron: {keep: 60}, job: null}\n",
        "apps: null\n",
        BASE,
        in_server("replicas: null", "env: {A: null, B: {text: null, secret: s}}"),
        in_server("replicas: 2", "grace: '30'", "restartedAt: 2026-01-01T00:00:00Z"),
        in_server("ports: {http: 80, admin: '81', metrics: {number: 82, protocol: UDP}}"),
        in_server("env: {NUMBER: 5, WORD: five, FLAG: true, SECRET: {secret: s}}"),
        in_server("probes: {ready: /, live: none, start: {command: ['true']}}", "budget: none"),
        in_server("kind: cron", "schedule: '@daily'", "suspend: 'true'"),
        in_server("kind: null", "schedule: '@daily'"),
        in_shop("quota: {cpu: 2, memory: 1.5Gi, pods: '7'}", "limits: none"),
        in_shop("manifests: {anything: {kind: Any, spec: {deep: [1, null]}}}"),
    ],
)
def test_what_a_layer_may_say_is_valid(text: str, schema: jsonschema.Draft7Validator) -> None:
    assert _errors(schema, text) == []


@pytest.mark.parametrize(
    "text",
    [
        in_server("replica: 2"),
        "extends: []\n",
        "extends: {a: b}\n",
        "defaults: {app: {workloads: {}}}\n",
        "defaults: {workload: {kind: job}}\n",
        "defaults: {daemon: {host: www}}\n",
        "defaults: {statefull: {}}\n",
        in_server("imgae: a:1"),
        in_shop("quta: {cpu: 1}"),
        "appz: {}\n",
        "name: qa\n",
        "tier: testing\n",
        "apps: []\n",
        in_server("release: {image: 'a:1'}"),
        in_server("replicas: many"),
        in_server("replicas: -1"),
        in_server("kind: deployment", "schedule: '@daily'"),
        in_server("kind: statefull"),
        in_server("ports: {HTTP: 80}"),
        in_server("ports: {http: 70000}"),
        in_shop("quota: {cpu: lots}"),
        in_shop("quota: off"),
    ],
)
def test_a_mistake_in_a_layer_is_not_valid(text: str, schema: jsonschema.Draft7Validator) -> None:
    assert _errors(schema, text) != []


def test_an_editor_shows_the_documentation_of_every_field() -> None:
    layer = json.loads(schema_text())
    silent = [
        f"{name}.{field}"
        for name, definition in {"layer": layer, **layer["definitions"]}.items()
        for form in (definition, *definition.get("anyOf", []))
        for field, value in form.get("properties", {}).items()
        if "description" not in value
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("team: web\nworkloads: {server: {replicas: 2}}\n", True),
        ("policies: {exemptions: {old: {rule: a, object: A/b/c, because: c, until: 2026-12-01}}}\n", True),
        ("apps: {}\n", False),
        ("workloads: {server: {replica: 2}}\n", False),
        ("policies: {levels: {}}\n", False),
    ],
)
def test_the_file_of_an_app_has_a_schema_of_its_own(text: str, *, valid: bool) -> None:
    document = json.loads(schema_text())
    reference = json.loads((TREE / "environments" / "app.schema.json").read_text())["$ref"]
    schema = jsonschema.Draft7Validator({**document, "$ref": reference.removeprefix("schema.json")})
    assert (_errors(schema, text) == []) is valid
