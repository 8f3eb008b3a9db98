"""Translates the image rules of an environment into CEL expressions: is an image valid, and is it pinned.

Source: https://kubernetes.io/docs/reference/using-api/cel/; its `matches` takes the patterns of RE2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from kube.image import (
    DEFAULT_DOMAIN,
    LEGACY_DOMAIN,
    LONGEST_PATH,
    LONGEST_TEXT,
    OFFICIAL,
    REFERENCE,
    parse_repository,
)
from policies.context import Context
from policies.rules.exemptions import is_expired
from policies.rules.images import IMAGES_ARE_PINNED
from policies.tags import (
    HEX,
    LONG_VERSION,
    MOVING_WORDS,
    REBUILT_WITHIN,
    SEMVER,
    SHAPE_PARTS,
    SHAPES,
    STAMP,
    STAMP_OR_COMMIT_WITHIN,
    VARIANTS,
    Shape,
)

IDENTIFIER = "[a-f0-9]{64}"


def valid() -> str:
    """Ask whether the text `image` is a reference."""
    return (
        f"size(image) <= {LONGEST_TEXT} && {_matches('image', _whole(REFERENCE))}"
        f" && !{_matches('image', _whole(IDENTIFIER))} && [{_NAME}].all(name, {_fits()})"
    )


def _fits() -> str:
    """Measure the path of a repository as runtimes do: without its registry, with Docker's short names written out."""
    path = f"{_matches('name', _REGISTRY)} ? size(name) - name.indexOf('/') - 1 : size(name)"
    return f"({path}) + ({_matches('name', _SHORT)} ? {len(OFFICIAL)} : 0) <= {LONGEST_PATH}"


def pinned(context: Context) -> str:
    """Ask for a digest, an exempt repository, or a tag that is unique by the patterns of Python."""
    last = "image.substring(image.lastIndexOf('/') + 1)"
    exempt = [spelling for repository in _exempt(context) for spelling in spellings(repository)]
    tag = f"[last.substring(last.indexOf(':') + 1)].all(tag, {_unique(context)})"
    named = f"[{last}].all(last, last.contains(':') && {tag})"
    name = f"({_NAME} in {_list(exempt)})"
    return f"image.contains('@') || {name} || {named}" if exempt else f"image.contains('@') || {named}"


# The reference without tag and digest; a colon before the last slash belongs to the registry.
_NAME = (
    "[image.split('@')[0]].map(text, text.lastIndexOf(':') > text.lastIndexOf('/')"
    " ? text.substring(0, text.lastIndexOf(':')) : text)[0]"
)

_REGISTRY = r"^(?:localhost|[^/]*[A-Z.:\[][^/]*)/"
_SHORT = rf"^(?:(?:{re.escape(DEFAULT_DOMAIN)}|{re.escape(LEGACY_DOMAIN)})/)?[^/]*$"


def _unique(context: Context) -> str:
    moving = sorted(MOVING_WORDS | {name.lower() for name in context.names})
    rebuilt = _matches("tag", REBUILT_WITHIN)
    stamped = _matches("tag", STAMP_OR_COMMIT_WITHIN)
    semver = _matches("tag", _whole(SEMVER))
    parts = " || ".join([_matches("tag", _part(LONG_VERSION)), *_shape_parts(context)])
    whole = f"{_matches('tag', _whole(HEX))} || {_matches('tag', _whole(STAMP))}"
    usual = (
        f"!(tag.lowerAscii() in {_list(moving)}) && ({semver} ? (!{rebuilt} || {stamped})"
        f" : ({whole} || {stamped} || (!{rebuilt} && ({parts}))))"
    )
    declared = [
        f"(!{rebuilt} && {_of(context, shape)} && {_matches('tag', _whole(SHAPES[shape] + VARIANTS))})"
        for shape in _declared(context)
    ]
    return " || ".join([*declared, f"({usual})"])


def _shape_parts(context: Context) -> list[str]:
    return [
        f"({_of(context, shape)} && {_matches('tag', _part(SHAPE_PARTS[shape]))})"
        for shape in _declared(context)
    ]


def _declared(context: Context) -> list[Shape]:
    return sorted(set(context.shapes.values()))


def _of(context: Context, wanted: Shape) -> str:
    names = [
        name
        for repository, shape in sorted(context.shapes.items())
        if shape is wanted
        for name in spellings(repository)
    ]
    return f"{_NAME} in {_list(names)}"


def _exempt(context: Context) -> list[str]:
    return [
        exemption.repository
        for exemption in context.exemptions.values()
        if exemption.rule == IMAGES_ARE_PINNED.id
        and exemption.repository is not None
        and exemption.object is None
        and not is_expired(exemption, context.today)
    ]


def spellings(repository: str) -> list[str]:
    """List every way to write a repository, including Docker's short names."""
    domain, _, path = repository.partition("/")
    if domain != DEFAULT_DOMAIN:
        return [repository]
    paths = (
        [path, path.removeprefix(OFFICIAL)] if path.count("/") == 1 and path.startswith(OFFICIAL) else [path]
    )
    written = [prefix + one for one in paths for prefix in ("", f"{DEFAULT_DOMAIN}/", f"{LEGACY_DOMAIN}/")]
    return [one for one in written if parse_repository(one) == repository]


def _whole(pattern: str) -> str:
    return f"^(?:{pattern})$"


def _part(pattern: str) -> str:
    return f"(?:^|[-_])(?:{pattern})(?:$|[-_])"


def _matches(name: str, pattern: str) -> str:
    return f"{name}.matches({_text(pattern)})"


def _text(value: str) -> str:
    """Write a text of CEL, which escapes as JSON does."""
    return json.dumps(value)


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"
