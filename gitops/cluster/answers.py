"""Answers of the API server, or of what stands between: an object, a list, or the error that they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gitops.errors import ClusterError
from gitops.objects import Body
from kube.yaml.faults import printable

if TYPE_CHECKING:
    import httpx2

_INVALID = 422
_MISFIT = "failed to create typed patch object"
_LONGEST_MESSAGE = 16 * 1024  # characters of what the server says, or a webhook
_LONGEST = 300  # characters that are shown of an answer nobody understands


def read_object(answer: httpx2.Response, request: str) -> Body:
    """Read the JSON object in a successful answer; raises ClusterError that says what came instead."""
    try:
        value = json.loads(answer.content)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return value
    content_type = answer.headers.get("Content-Type", "no type")
    message = f"the answer is not a JSON object but {content_type}: {_shown(answer)}"
    raise ClusterError(message, request=request)


def items_of(value: Body, field: str, path: str) -> list[Body]:
    """Return the objects of a list; raises ClusterError where the answer is not one."""
    items = value.get(field)
    if isinstance(items, list) and all(isinstance(item, dict) for item in items):
        return items
    raise ClusterError(f"the answer has no list of {field}", request=f"GET {path}")


def error_of(answer: httpx2.Response, request: str) -> ClusterError:
    """Read the Status in an answer that is not a success, if there is one."""
    code = answer.status_code
    try:
        status = json.loads(answer.content)
        message, reason, causes = (
            str(status["message"])[:_LONGEST_MESSAGE],
            str(status.get("reason", "")),
            _causes(status),
        )
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        message, reason, causes = f"HTTP {code} {_shown(answer)}".strip(), "", []
    if (
        _MISFIT in message
    ):  # a server-side apply that does not fit the schema is answered as an internal error
        code = _INVALID
    return ClusterError(message, code, reason, causes, request)


def _causes(status: Any) -> list[str]:
    causes = (status.get("details") or {}).get("causes") or []
    return [": ".join(filter(None, (cause.get("field"), cause.get("message")))) for cause in causes]


def _shown(answer: httpx2.Response) -> str:
    return printable(answer.content[: 4 * _LONGEST].decode(errors="replace").strip(), _LONGEST)
