"""Posts a notice to a webhook, whose address is a secret: it is read from a file and never shown."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2

SECONDS = 10.0  # that everything may take; a webhook must not hold a run
_ADDRESS = re.compile(r"https?://[^\s]+")


def post(address: Path, body: Mapping[str, Any]) -> str:
    """Post a notice; return what went wrong instead of failing, since the run itself is finished."""
    try:
        url = address.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        return (
            f"{address}: the address of the webhook cannot be read: {type(error).__name__}; write the Secret"
        )
    if not _ADDRESS.fullmatch(url):
        return (
            f"{address}: the address of the webhook is not an http or https address; write it into the Secret"
        )
    complaints: list[str] = []
    # A thread, since the time limits of HTTP hold for each part of an answer and not for all of it.
    thread = threading.Thread(target=lambda: complaints.append(_post(url, body)), name="notify", daemon=True)
    thread.start()
    thread.join(SECONDS)
    return complaints[0] if complaints else f"the webhook did not answer within {SECONDS:.0f} s"


def _post(url: str, body: Mapping[str, Any]) -> str:
    try:
        with httpx2.stream("POST", url, json=body, timeout=SECONDS) as answer:
            status = answer.status_code
            return "" if answer.is_success else f"the webhook did not accept the notice: HTTP {status}"
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, OSError) as error:
        return f"the webhook could not be reached: {type(error).__name__}"
