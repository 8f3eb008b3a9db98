"""A Git server inside the node's network: `python -m tests.node.git_server ROOT FOLDER ADDRESS PORT TOKEN`."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from tests.gitops.servers import https

USER = "x-token-auth"  # what the job says beside a token


def main() -> None:
    """Serve until the process is ended; print a line once the port accepts connections."""
    root, folder, address, port, token = sys.argv[1:]
    for server in https(Path(root), Path(folder), USER, token, (address, int(port))):
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    main()
