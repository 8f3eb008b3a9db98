"""A bare client: it applies the objects of a file with the concurrency of the job, and checks nothing.

`python -m bench.job.bare FILE NAMESPACE`; what the job is held against.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from gitops.cluster.access import client
from gitops.cluster.transport import CONNECTIONS
from kube.kinds import plural

_PARAMETERS = {"fieldManager": "bare", "force": "true"}
_HEADERS = {"Content-Type": "application/apply-patch+yaml"}


def main() -> None:
    """Apply all objects."""
    bodies, namespace = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), sys.argv[2]
    with client(None, None, plugins=False) as http, ThreadPoolExecutor(CONNECTIONS) as pool:

        def apply(body: dict[str, Any]) -> None:
            version, name = body["apiVersion"], body["metadata"]["name"]
            root = f"/apis/{version}" if "/" in version else f"/api/{version}"
            path = f"{root}/namespaces/{namespace}/{plural(body['kind'])}/{name}"
            content = json.dumps(body).encode()
            http.patch(path, params=_PARAMETERS, content=content, headers=_HEADERS).raise_for_status()

        list(pool.map(apply, bodies))


if __name__ == "__main__":
    main()
