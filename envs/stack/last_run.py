"""Reads what the last run of a stack has left, while the engine may be writing it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from envs.config.reading.faults import ConfigurationError
from kube.yaml.faults import Fault
from kube.yaml.origin import Origin

# The file backend rewrites the description of a state in place while the engine runs; who reads it then is told this.
_BEING_WRITTEN = "failed to load checkpoint"
_PAUSES = (0.1, 0.2, 0.4, 0.8)  # seconds


def outputs_of_last_run(ask: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Ask the engine for the outputs of this stack, again while it writes them; raises ConfigurationError."""
    for pause in _PAUSES:
        try:
            return ask()
        except Exception as error:  # the SDK raises no narrower class
            if _BEING_WRITTEN not in str(error):
                raise
        time.sleep(pause)
    try:
        return ask()
    except Exception as error:
        message = f"the state of the stack cannot be read: {error}; look at it with `pulumi stack export`"
        raise ConfigurationError([Fault(Origin("Pulumi.yaml", 1, 1), "backend", message)]) from error
