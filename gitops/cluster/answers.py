"""Answers of the API server, or of what stands between: an object, a list, or the error that they are."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from gitops.errors import ClusterError
from gitops.objects import Body
from gitops.secrecy import scrub
from kube.yaml.faults import printable

if TYPE_CHECKING:
    import httpx2

_INVALID = 422
_METADATA = "PartialObjectMetadataList"
_MISFIT = "failed to create typed patch object"
_LONGEST_MESSAGE = 16 * 1024  # characters of what the server says, or a webhook
_LONGEST = 300  # characters that are shown of an answer nobody understands


def read_object(answer: httpx2.Response, request: str, hidden: Iterable[str] = ()) -> Body:
    """Read the JSON object in a successful answer; raises ClusterError that says what came instead.

    `hidden` are secret values that were sent, and that the answer may quote.
    """
    try:
        value = json.loads(answer.content)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return value
    content_type = answer.headers.get("Content-Type", "no type")
    message = f"the answer is not a JSON object but {content_type}: {_shown(answer, set(hidden))}"
    raise ClusterError(message, request=request)


def items_of(value: Body, field: str, path: str) -> list[Body]:
    """Return the objects of a list; raises ClusterError where the answer is not one."""
    items = value.get(field)
    if items is None and value.get("kind") == _METADATA:
        return []  # a list of metadata that is empty has null
    if isinstance(items, list) and all(isinstance(item, dict) for item in items):
        return items
    raise ClusterError(f"the answer has no list of {field}", request=f"GET {path}")


def next_page(value: Body) -> str:
    """Return the token that a list is continued with; empty for the last page."""
    metadata = value.get("metadata")
    return str(metadata.get("continue") or "") if isinstance(metadata, dict) else ""


def error_of(answer: httpx2.Response, request: str, hidden: Iterable[str] = ()) -> ClusterError:
    """Read the Status in an answer that is not a success, if there is one.

    `hidden` are secret values that were sent, and that the server quotes where it refuses them.
    """
    secret = set(hidden)
    code = answer.status_code
    try:
        status = json.loads(answer.content)
        message, reason, causes = (
            _scrubbed(str(status["message"]), secret, _LONGEST_MESSAGE),
            str(status.get("reason", "")),
            [_scrubbed(cause, secret, _LONGEST_MESSAGE) for cause in _causes(status)],
        )
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        message, reason, causes = f"HTTP {code} {_shown(answer, secret)}".strip(), "", []
    if (
        _MISFIT in message
    ):  # a server-side apply that does not fit the schema is answered as an internal error
        code = _INVALID
    return ClusterError(message, code, reason, causes, request)


def _causes(status: Any) -> list[str]:
    causes = (status.get("details") or {}).get("causes") or []
    return [": ".join(filter(None, (cause.get("field"), cause.get("message")))) for cause in causes]


def _shown(answer: httpx2.Response, hidden: Collection[str]) -> str:
    text = answer.content[: 4 * _LONGEST].decode(errors="replace").strip()
    return printable(_scrubbed(text, hidden, len(text)), _LONGEST)


def _scrubbed(text: str, hidden: Collection[str], longest: int) -> str:
    """Remove secrets before the text is cut, since half of one would not be recognised."""
    return scrub(text[: 4 * longest], hidden)[:longest]
