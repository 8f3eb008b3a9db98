"""Imports lightkube's models of the Kubernetes API without its client.

`import lightkube.models.core_v1` imports the package around the models first, and with it an HTTP client and asyncio:
a tenth of the start of each command, for modules that no component uses.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

_PACKAGE = "lightkube"
_GROUPS = (
    "apps_v1",
    "autoscaling_v2",
    "batch_v1",
    "core_v1",
    "meta_v1",
    "networking_v1",
    "policy_v1",
    "rbac_v1",
)


def import_models() -> None:
    """Import the models below a package that is empty meanwhile; who needs the client imports the real one later."""
    spec = find_spec(_PACKAGE)
    if _PACKAGE in sys.modules or spec is None or spec.submodule_search_locations is None:
        return
    package = ModuleType(_PACKAGE)
    package.__path__ = spec.submodule_search_locations
    sys.modules[_PACKAGE] = package
    try:
        for group in _GROUPS:
            import_module(f"{_PACKAGE}.models.{group}")
    finally:
        del sys.modules[_PACKAGE]
