"""`envs show`: shows the values of an environment after all layers, and explains where one of them comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

import typer

from envs.cli.options import HERE, Name, Root, chosen, print_json, write
from envs.config.explain import Explanation, Said, explain, plain
from envs.config.load import load
from kube.yaml.write import to_yaml

Explain = Annotated[
    str | None,
    typer.Option(
        "--explain", metavar="PATH", help="Explain one value, such as apps.web.quota.cpu, and its origin."
    ),
]
Defaults = Annotated[bool, typer.Option("--defaults", help="Also show the defaults that no layer sets.")]


class ValueFormat(StrEnum):
    """Output formats of values."""

    YAML = "yaml"
    JSON = "json"


def show(
    name: Name,
    path: Explain = None,
    defaults: Defaults = False,
    output: Annotated[
        ValueFormat, typer.Option("--format", help="yaml for people, json for programs.")
    ] = ValueFormat.YAML,
    root: Root = HERE,
) -> None:
    """Show the values of an environment after all layers."""
    configuration = load(root, [name])
    chosen([name], configuration.names)
    if path is not None:
        explanation = explain(configuration, name, path)
        if output is ValueFormat.JSON:
            print_json(_as_json(explanation))
        else:
            write("\n".join(_as_text(explanation)))
        return
    environment = configuration.environment(name)
    value = (
        plain(environment)
        if defaults
        else environment.model_dump(mode="json", by_alias=True, exclude_unset=True)
    )
    if output is ValueFormat.JSON:
        print_json(value)
    else:
        write(to_yaml(value).removesuffix("\n"))


def _as_text(explanation: Explanation) -> Iterator[str]:
    yield f"{explanation.path} = {_written(explanation.value)}"
    if explanation.meaning:
        yield f"  {explanation.meaning}"
    rows = [(str(said.origin), _said(said, explanation.path)) for said in explanation.said]
    if explanation.default:
        rows.insert(0, ("default", _written(explanation.value)))
    width = max((len(place) for place, _ in rows), default=0)
    for place, words in rows:
        yield f"  {place:{width}}  {words}"


def _said(said: Said, path: str) -> str:
    if said.removes:
        return "removes it" if said.path == path else f"removes {said.path}"
    return _written(said.value) if said.path == path else f"{said.path}: {_written(said.value)}"


def _written(value: Any) -> str:
    """Write a single value as it is, and a mapping or list below its path."""
    if isinstance(value, dict) and value:
        return "\n" + "\n".join(f"    {line}" for line in to_yaml(value).splitlines())
    if isinstance(value, list) and value:
        return ", ".join(
            json.dumps(item) if isinstance(item, dict | list) else _written(item) for item in value
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else "{}" if value == {} else "[]" if value == [] else str(value)


def _as_json(explanation: Explanation) -> dict[str, Any]:
    return {
        "environment": explanation.environment,
        "path": explanation.path,
        "value": explanation.value,
        "origin": str(explanation.origin) if explanation.origin else None,
        "default": explanation.default,
        "meaning": explanation.meaning,
        "said": [
            {"origin": str(said.origin), "path": said.path, "value": said.value} for said in explanation.said
        ],
    }
