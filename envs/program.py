"""The Pulumi program: it registers the environment with the name of the stack.

It is a module, so that another repository can run it with one line, from the installed package.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pulumi

from components.objects.manifest import Manifest
from components.resources import register
from components.stack.delivery import pushed
from components.stack.outputs import outputs
from components.stack.removal import LEFT, advice, may_have_left, removed
from envs.config.model.environment import Environment
from envs.config.reading.faults import ConfigurationError
from envs.gates.context import wire
from envs.gates.judgement import refuse
from envs.gates.load import load
from envs.gates.neighbours import unjudged
from envs.gates.rendering import render_around
from envs.live.identity import Unasked, check_cluster
from envs.stack.last_run import outputs_of_last_run
from envs.stack.ownership import OUTPUT, refuse_other_root, refuse_without_identity

REPORTED = 32  # tells Pulumi's language host that the error has been printed
_OUTPUTS = "pulumi:pulumi:readStackOutputs"
_RESOURCES = "pulumi:pulumi:readStackResourceOutputs"  # large: it is asked where something has left only


def main() -> None:
    """Register the environment of this stack; faults and mandatory findings end it with one report."""
    # Its own project's settings: two repositories whose projects differ never share a stack.
    settings = pulumi.Config()
    root = Path(pulumi.get_root_directory()) / (settings.get("root") or ".")
    own = settings.get(OUTPUT)
    try:
        refuse_without_identity(own, pulumi.get_project(), str(uuid4()))
        configuration = load(root, [pulumi.get_stack()])
        environment = configuration.environment(pulumi.get_stack())
        around = render_around(configuration, [environment.name])
        # Nothing in Pulumi.yaml can name a local policy pack, and --policy-pack may be forgotten.
        refuse(configuration, around, environment.name, datetime.now(tz=UTC).date())
        before = outputs_of_last_run(partial(_ask, _OUTPUTS, "name"))
        refuse_other_root(str(own), before.get(OUTPUT), environment.name)
        _tell(check_cluster(configuration, environment))
    except ConfigurationError as error:
        pulumi.log.error(error.report())
        sys.exit(REPORTED)
    for finding in unjudged(around.broken):
        pulumi.log.warn(f"{finding.origin}: {finding.object} could not be judged: {finding.message}")
    manifests = around.objects[environment.name]
    now = outputs(manifests)
    production = environment.tier == "production"
    left = _left(environment, manifests) if production and may_have_left(before, now) else {}
    register(environment, manifests, wire(environment, configuration.names))
    for name, value in {**now, **left, OUTPUT: own}.items():
        pulumi.export(name, value)


def _left(environment: Environment, manifests: Sequence[Manifest]) -> Mapping[str, int]:
    """Say how to remove the protected objects that have left the layers; returns the output that tells of them."""
    resources = outputs_of_last_run(partial(_ask, _RESOURCES, "stackName"))
    removal = removed(resources, pushed(environment, manifests))
    if not removal.urns:
        return {}
    pulumi.log.warn(advice(environment.name, removal))
    return {LEFT: len(removal.urns)}


def _ask(function: str, argument: str) -> Mapping[str, Any]:
    """Ask the engine for outputs of this stack, or of its resources, as its last run has left them."""
    organization = pulumi.get_organization()
    # Backends without organizations, such as a bucket, know a stack of the same project by its name alone.
    name = (
        pulumi.get_stack()
        if organization == "organization"
        else f"{organization}/{pulumi.get_project()}/{pulumi.get_stack()}"
    )
    answer = pulumi.runtime.invoke(function, {argument: name}).value or {}
    return answer.get("outputs") or {}


def _tell(unasked: Unasked | None) -> None:
    """Say that the uid was not compared, where that matters: a preview may well be offline."""
    if unasked is not None and (unasked.answered or not pulumi.runtime.is_dry_run()):
        pulumi.log.warn(f"the uid of the cluster is not checked: {unasked.reason}")
