"""The image rules of an environment as objects of its fence, by which the API server judges too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from components.context import context
from environments.model import Environment
from policies.admission import admission_policies


def admission(environment: Environment, names: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Make the ValidatingAdmissionPolicies and bindings where the environment asks for them.

    Objects do not depend on the day: an expired exemption holds here until it is deleted, which
    `envs check` demands.
    """
    if environment.policies.admission:
        yield from admission_policies(context(environment, names, date.min))
