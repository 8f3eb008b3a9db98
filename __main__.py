"""The Pulumi program: registers the environment that has the name of the stack."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pulumi

from components.resources import register
from components.stack.outputs import outputs
from envs.config.load import load
from envs.config.reading.faults import ConfigurationError
from envs.gates.judgement import refuse
from envs.gates.rendering import render_all

REPORTED = 32  # tells Pulumi's language host that the error has been printed
root = Path(pulumi.get_root_directory()) / (pulumi.Config("gitops-environments").get("root") or ".")
try:
    configuration = load(root)
    environment = configuration.environment(pulumi.get_stack())
    everything = render_all(configuration)
    # Pulumi.yaml cannot name a policy pack of this repository, and --policy-pack is easily forgotten.
    refuse(configuration, everything, environment.name, datetime.now(tz=UTC).date())
except ConfigurationError as error:
    pulumi.log.error(error.report())
    sys.exit(REPORTED)
manifests = everything[environment.name]
register(environment, manifests, list(configuration.environments))
for name, value in outputs(manifests).items():
    pulumi.export(name, value)
