"""HOW: pure functions from environments to manifests."""

from components.api_models import import_models

import_models()  # before any component imports one of them
