"""The models of lightkube are imported without its client, which can still be imported."""

from __future__ import annotations

import subprocess
import sys

from tests.tree import TREE

_PROGRAM = """\
import sys
import components
from lightkube.models.core_v1 import Pod

print("lightkube" in sys.modules)

from lightkube import Client
from lightkube.resources.core_v1 import Pod as Resource
import lightkube.models.core_v1 as models

print(issubclass(Resource, Pod), models.Pod is Pod, Client.__name__)
"""


def test_the_client_is_imported_for_who_asks_and_has_the_same_models() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], cwd=TREE, check=True, capture_output=True, text=True
    )
    assert done.stdout == "False\nTrue True Client\n"
