"""The file of a release: some of its fields set or removed, every other byte as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from envs.config.reading.document import parse_document
from kube.yaml.faults import DocumentError
from kube.yaml.tree import Node
from kube.yaml.write import to_yaml

CARRIED = ("image", "build", "source", "containers")
"""Fields that go to the next environment; holds and restarts stay where they are."""
_BOM = "\ufeff"
_COMMENT = re.compile(r"\s*(#.*)?")


def with_fields(data: bytes | None, file: str, fields: Mapping[str, Any]) -> bytes:
    """Set top-level fields in the bytes of the release `file`; None removes a field, and no bytes make a new file.

    Comments, order and line ends stay. A file in a form that cannot be edited line by line, such as `{image: x}`,
    is written anew. Raises DocumentError for bytes that are not a mapping.
    """
    if data is None:
        return to_yaml({key: value for key, value in fields.items() if value is not None}).encode()
    wanted = {**_plain_mapping(parse_document(data, file)), **fields}
    wanted = {key: value for key, value in wanted.items() if value is not None}
    edited = _edited(data, file, fields)
    return edited if _says(edited, file, wanted) else to_yaml(wanted).encode()


def fields_of(data: bytes, file: str) -> dict[str, Any]:
    """Read the fields of a release as they are written; raises DocumentError."""
    return _plain_mapping(parse_document(data, file))


def image_of(data: bytes | None, file: str) -> str | None:
    """Read the image of a release; None where there is none that can be read."""
    try:
        return parse_document(data, file).text("image") if data is not None else None
    except DocumentError:
        return None


def carried_fields(data: bytes | None, file: str) -> dict[str, Any]:
    """Read the fields of a release that a promotion copies; raises DocumentError."""
    said = fields_of(data, file) if data is not None else {}
    return {key: said[key] for key in CARRIED if key in said}


def _edited(data: bytes, file: str, fields: Mapping[str, Any]) -> bytes:
    text = data.decode()
    end = "\r\n" if "\r\n" in text else "\n"
    for key, value in fields.items():
        lines = text.removeprefix(_BOM).splitlines()
        node = _entry(text.encode(), file, key)
        new = [] if value is None else to_yaml({key: value}).splitlines()
        lines = [*lines, *new] if node is None else _replaced(lines, node, new)
        text = (_BOM if text.startswith(_BOM) else "") + "".join(f"{line}{end}" for line in lines)
    return text.encode()


def _entry(data: bytes, file: str, key: str) -> Node | None:
    try:
        return parse_document(data, file).child(key)
    except DocumentError:  # an edit before has removed the last field
        return None


def _replaced(lines: Sequence[str], node: Node, new: Sequence[str]) -> list[str]:
    first = node.key.line - 1
    last = first + 1
    while last < len(lines) and lines[last][:1] in {" ", "-"}:
        last += 1
    if len(new) == 1 and last == first + 1 and isinstance(node.value, str):
        new = [new[0] + _comment(lines[first], node)]
    return [*lines[:first], *new, *lines[last:]]


def _comment(line: str, node: Node) -> str:
    """Return the comment after a value, with the space before it."""
    rest = line[node.origin.column - 1 :]
    quote = rest[:1] if rest[:1] in {"'", '"'} else ""
    end = rest.find(quote, 1) + 1 if quote else len(str(node.value))
    tail = rest[end:]
    return tail if _COMMENT.fullmatch(tail) else ""


def _says(data: bytes, file: str, wanted: Mapping[str, Any]) -> bool:
    try:
        return bool(fields_of(data, file) == _texts(wanted))
    except DocumentError:
        return False


def _plain_mapping(node: Node) -> dict[str, Any]:
    value = _plain(node)
    return value if isinstance(value, dict) else {}


def _plain(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(child) for child in node.value]
    return None if node.value is None else str(node.value)


def _texts(value: Any) -> Any:
    """Turn scalars into text, as a file of scalars that are all text has them."""
    if isinstance(value, Mapping):
        return {key: _texts(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_texts(item) for item in value]
    return value if value is None else str(value)
