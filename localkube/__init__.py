"""A real Kubernetes for tests and the demo: one named for tests, kind where Docker answers, else built here.

In: a name and a level. Out: a kubeconfig, and nothing left behind once the owner is gone.
"""
