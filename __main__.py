"""The Pulumi program: the name of the stack says which environment is registered."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pulumi

from components.outputs import outputs
from components.render import render_environment
from components.resources import register
from delivery.judgement import refuse
from environments.faults import ConfigurationError
from environments.load import load

REPORTED = 32  # tells Pulumi's language host that the error is on the screen already
root = Path(pulumi.get_root_directory()) / (pulumi.Config("gitops-environments").get("root") or ".")
try:
    configuration = load(root)
    environment = configuration.environment(pulumi.get_stack())
    manifests = render_environment(configuration, environment.name)
    # Nothing in Pulumi.yaml can name a policy pack of this repository, and --policy-pack may be forgotten.
    refuse(configuration, environment.name, datetime.now(tz=UTC).date())
except ConfigurationError as error:
    pulumi.log.error(error.report())
    sys.exit(REPORTED)
register(environment, manifests, list(configuration.environments))
for name, value in outputs(manifests).items():
    pulumi.export(name, value)
