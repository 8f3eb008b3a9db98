"""A changed object or field in, the places of what causes it out."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from envs.review.causes.causes import Causes
from envs.review.causes.paths import paths_of
from envs.review.changes import Field, ObjectChange, Preview
from kube.yaml.paths import Path
from policies.subject import steps

_CONTENT = "content-hash"  # an annotation that follows the files of a workload


def object_origins(preview: Preview, causes: Causes, change: ObjectChange) -> tuple[str, ...]:
    """Find what makes an object appear or go."""
    paths = _paths(preview, causes, change)
    whole = causes.whole_of(paths[-1]) if paths else ()
    return whole or causes.of(*paths) or causes.of_code()


def field_origins(preview: Preview, causes: Causes, change: ObjectChange, field: Field) -> tuple[str, ...]:
    """Find where the new value of a field is written, else what of the layers or the components changes it."""
    if ":" in field.origin:
        return (field.origin,)
    paths, words = _paths(preview, causes, change), _words(field)
    sure = causes.fitting(*paths, words=words)
    if sure or not (causes.trees or causes.whole):
        return sure
    maker = _maker(preview, change)
    return (
        causes.of_code(maker)
        or causes.of(*paths)
        or causes.fitting(("apps", change.app), words=words)
        or causes.of_environment()
        or tuple(filter(None, [maker]))
    )


def fields_origins(
    preview: Preview, causes: Causes, change: ObjectChange, fields: Iterable[Field]
) -> tuple[str, ...]:
    """Find the causes of several fields, each once."""
    found = (origin for field in fields for origin in field_origins(preview, causes, change, field))
    return tuple(dict.fromkeys(found))


def _paths(preview: Preview, causes: Causes, change: ObjectChange) -> list[Path]:
    kind, _, rest = change.object.partition("/")
    made = preview.made.get(change.file)
    return paths_of(kind, change.app, rest.rpartition("/")[2], causes, made.source if made else ())


def _maker(preview: Preview, change: ObjectChange) -> str:
    made = preview.made.get(change.file)
    return made.maker if made else ""


def _words(field: Field) -> Collection[str]:
    path = field.change.path
    if _CONTENT in path:
        return {"config", "content"}
    return {word for step in steps(path) for word in (step, *step.split("."))}
