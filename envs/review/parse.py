"""A rendered file of some commit, as the object that it holds."""

from __future__ import annotations

from typing import Any

from kube.yaml.objects import read_objects


def parse(data: bytes, file: str) -> dict[str, Any]:
    """Read one object; an invalid file, or one with several objects, counts as empty."""
    documents, faults = read_objects(data, file)
    values = [document.value for document in documents]
    return values[0] if not faults and len(values) == 1 and isinstance(values[0], dict) else {}
