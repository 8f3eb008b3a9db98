"""Makes a cluster equal to manifests: plan, apply, prune."""
