"""Where the running package came from, as a line of requirements.txt that gets the same one again."""

from __future__ import annotations

import json
from importlib.metadata import distribution
from typing import Any
from urllib.parse import urlsplit

PACKAGE = "gitops-environments"


def installed() -> tuple[str, str | None]:
    """Version of the running package, and its requirement where others can get it from the same place."""
    found = distribution(PACKAGE)
    written = found.read_text("direct_url.json")
    return found.version, requirement(found.version, json.loads(written) if written else None)


def requirement(version: str, source: dict[str, Any] | None) -> str | None:
    """Pin a package to the version and source that it was installed from.

    `source` is what pip and uv note in direct_url.json, and None for a package of an index; None comes back
    for a folder or file of this machine. https://packaging.python.org/specifications/direct-url/
    """
    if source is None:
        return f"{PACKAGE}=={version}"
    url = str(source["url"])
    if not _is_shared(url):
        return None
    if "vcs_info" in source:
        repository = source["vcs_info"]
        return f"{PACKAGE} @ {repository['vcs']}+{url}@{repository['commit_id']}"
    digest = source.get("archive_info", {}).get("hashes", {}).get("sha256")
    return f"{PACKAGE} @ {url}#sha256={digest}" if digest else None


def placeholder(version: str) -> str:
    """Make a requirement that is to be filled in; no index can serve another package for it."""
    return f"{PACKAGE} @ git+https://git.example.com/platform/{PACKAGE}@v{version}"


def _is_shared(url: str) -> bool:
    """Whether others reach the address, and it holds no password."""
    parts = urlsplit(url)
    return parts.scheme in {"https", "ssh"} and parts.password is None
