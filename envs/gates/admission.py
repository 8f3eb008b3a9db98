"""Adds the rules over pods and images to the fence of an environment, so that the API server enforces them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from envs.config.model.environment import Environment
from envs.gates.context import context
from policies.admission.objects import admission_policies


def admission(environment: Environment) -> Iterator[dict[str, Any]]:
    """Make the ValidatingAdmissionPolicies and bindings where the environment asks for them.

    They depend neither on the day (an expired exemption holds here until it is deleted, which `envs check`
    demands) nor on which other environments there are: a new one changes nothing of the others.
    """
    if environment.policies.admission:
        yield from admission_policies(context(environment, [], date.min))
