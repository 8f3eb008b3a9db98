"""The cluster of an environment, as seen from a laptop or a pipeline."""
