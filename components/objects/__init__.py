"""What every component stands on: manifests and the scope that they are made in."""
