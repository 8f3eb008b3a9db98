"""Fixtures: a proxy between the job and the API server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gitops.chaos.proxy import Proxy, proxied

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gitops.cluster.api import Connection


@pytest.fixture
def proxy(connection: Connection, tmp_path: Path) -> Iterator[Proxy]:
    """Give a proxy to the API server that can be told to fail."""
    with proxied(connection.http, tmp_path) as found:
        yield found
