"""Objects in, the names that people have for what they describe out, without the name of the environment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from policies.subject import Subject, subjects


def opened(objects: Iterable[Mapping[str, Any]]) -> list[Subject]:
    """Turn objects into subjects, as the policies read them."""
    return [subject for body in objects for subject in subjects(dict(body))]


def app_of(namespace: str, environment: str) -> str:
    """Name an app by its namespace: shop for shop-qa."""
    return namespace.removesuffix(f"-{environment}")


def place_of(subject: Subject, environment: str) -> str:
    """Name an object by its app and its own name: shop/server."""
    space = app_of(subject.namespace, environment)
    return f"{space}/{subject.name}" if space else subject.name


def listed(words: Sequence[str], most: int = 3) -> str:
    """Name the first few and count the others."""
    unique = list(dict.fromkeys(words))
    more = f" and {len(unique) - most:,} more" if len(unique) > most else ""
    return f"{', '.join(unique[:most])}{more}"
