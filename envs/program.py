"""The Pulumi program: it registers the environment with the name of the stack.

It is a module, so that another repository can run it with one line, from the installed package.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pulumi

from components.resources import register
from components.stack.outputs import outputs
from envs.config.reading.faults import ConfigurationError
from envs.gates.context import wire
from envs.gates.judgement import refuse
from envs.gates.load import load
from envs.gates.neighbours import unjudged
from envs.gates.rendering import render_around

REPORTED = 32  # tells Pulumi's language host that the error has been printed


def main() -> None:
    """Register the environment of this stack; faults and mandatory findings end it with one report."""
    # Its own project's settings: two repositories whose projects differ never share a stack.
    root = Path(pulumi.get_root_directory()) / (pulumi.Config().get("root") or ".")
    try:
        configuration = load(root, [pulumi.get_stack()])
        environment = configuration.environment(pulumi.get_stack())
        around = render_around(configuration, [environment.name])
        # Nothing in Pulumi.yaml can name a local policy pack, and --policy-pack may be forgotten.
        refuse(configuration, around, environment.name, datetime.now(tz=UTC).date())
    except ConfigurationError as error:
        pulumi.log.error(error.report())
        sys.exit(REPORTED)
    for finding in unjudged(around.broken):
        pulumi.log.warn(f"{finding.origin}: {finding.object} could not be judged: {finding.message}")
    manifests = around.objects[environment.name]
    register(environment, manifests, wire(environment, configuration.names))
    for name, value in outputs(manifests).items():
        pulumi.export(name, value)
