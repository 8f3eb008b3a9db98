"""The rule over the schema of objects: what Kubernetes' API of the environment's version takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kube.schema.check import Steps, check_object
from kube.schema.index import index
from policies.context import Context, Level
from policies.rule import Area, Rule, Violation
from policies.subject import Subject, step


def check_schema(subject: Subject, context: Context) -> Iterator[Violation]:
    """Find what the API server would refuse in what people wrote; models with types made all else."""
    if not subject.written:
        return
    api = index(context.kubernetes)
    for path, message in check_object(subject.manifest, api, context.apis, partial=subject.partial):
        yield Violation(_text(subject.manifest, path), message)


def _text(manifest: Any, path: Steps) -> str:
    """Write steps as all rules do: entries of lists by their name where they have one."""
    text, value = "", manifest
    for part in path:
        if isinstance(part, int):
            parent, dot, last = text.rpartition(".")
            text = f"{parent}{dot}{step(last, value, part)}"
            value = value[part]
        else:
            plain = part.replace("-", "").replace("_", "").isalnum()
            text += (f".{part}" if text else part) if plain else f"[{part}]"
            value = value.get(part) if isinstance(value, dict) else None
    return text


OBJECTS_FIT_KUBERNETES = Rule(
    id="objects-fit-kubernetes",
    area=Area.ENVIRONMENT,
    law="An object has the API version, fields, types and names of the environment's Kubernetes.",
    why="The API server refuses it, or drops the misspelt field, when everything else is applied already.",
    test=Level.MANDATORY,
    production=Level.MANDATORY,
)
RULES = (OBJECTS_FIT_KUBERNETES,)
