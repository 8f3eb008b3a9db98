"""What makes an object this one and no other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def identity(item: Mapping[str, Any]) -> list[Any]:
    """List apiVersion, kind, name and namespace as they are written; None where one is missing."""
    metadata = item.get("metadata")
    named = metadata if isinstance(metadata, Mapping) else {}
    return [item.get("apiVersion"), item.get("kind"), named.get("name"), named.get("namespace")]
