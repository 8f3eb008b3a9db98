"""How: pure functions from environments to manifests."""
