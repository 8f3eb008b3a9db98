"""A real Kubernetes for tests and the demo: one named for tests, kind where Docker runs, else built from source.

A cluster has a name and a level; it ends with its owner and leaves nothing behind.
"""
