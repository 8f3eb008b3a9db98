"""Bytes of a rendered file of some commit in, a plain mapping out; whatever is none counts as empty."""

from __future__ import annotations

from typing import Any

import yaml


class _Loader(yaml.CSafeLoader):
    """Reads what JSON can hold: a date stays the text that it is in Kubernetes."""


_TAGS_OF_OTHERS = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value", "tag:yaml.org,2002:merge"}
_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag not in _TAGS_OF_OTHERS]
    for letter, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_SCALARS = (str, bool, int, float, type(None))


def parse(data: bytes) -> dict[str, Any]:
    """Read one object; a file that people broke, or that says things in a roundabout way, counts as empty."""
    try:
        # We write no aliases, and a few of them can stand for more than a machine can hold.
        if b"&" in data and any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(data, _Loader)):
            return {}
        value = yaml.load(data, Loader=_Loader)  # noqa: S506 a safe loader
        return value if isinstance(value, dict) and _is_plain(value) else {}
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return isinstance(value, _SCALARS)
