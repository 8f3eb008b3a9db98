"""Manifests in, a cluster that equals them out: plan, apply, prune."""
