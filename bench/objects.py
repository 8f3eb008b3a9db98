"""All objects of a root, made here or written as JSON for others: python -m bench.objects ROOT FILE."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from envs.config.load import load
from envs.gates.rendering import render_environment


def objects(root: Path) -> list[dict[str, Any]]:
    """Render all environments of a root."""
    configuration = load(root)
    return [
        manifest.object
        for name in configuration.environments
        for manifest in render_environment(configuration, name)
    ]


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(objects(Path(sys.argv[1]))))
