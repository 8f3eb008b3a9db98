"""The outputs of the last run are read although the engine writes the state at the same time."""

from collections.abc import Mapping
from typing import Any

import pytest

from envs.config.reading.faults import ConfigurationError
from envs.stack.last_run import outputs_of_last_run


class Engine:
    """Answers like an engine, whose first answers fail for a reason."""

    def __init__(self, failures: int, reason: str) -> None:
        self.failures, self.reason = failures, reason

    def ask(self) -> Mapping[str, Any]:
        """Answer once."""
        self.failures -= 1
        if self.failures >= 0:
            raise Exception(self.reason)  # noqa: TRY002 as the SDK does
        return {"identity": "ours"}


WRITTEN = "readStackOutputs failed: failed to load checkpoint: EOF"


def test_a_state_that_is_being_written_is_read_again() -> None:
    assert outputs_of_last_run(Engine(3, WRITTEN).ask) == {"identity": "ours"}


def test_a_state_that_cannot_be_read_ends_the_run_with_advice() -> None:
    with pytest.raises(ConfigurationError, match="pulumi stack export"):
        outputs_of_last_run(Engine(9, WRITTEN).ask)


def test_another_failure_is_not_repeated() -> None:
    engine = Engine(1, "access denied")
    with pytest.raises(Exception, match="access denied"):
        outputs_of_last_run(engine.ask)
    assert engine.failures == 0
