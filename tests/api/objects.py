"""Objects that tests of the cluster itself use."""

PAUSE = "registry.k8s.io/pause:3.10"  # kwok runs nothing, and a kind node holds it
