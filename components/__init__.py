"""HOW: pure functions from environments to manifests."""
