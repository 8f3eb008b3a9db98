"""The cluster of an environment, seen from a laptop or a pipeline."""
