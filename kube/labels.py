"""The prefix of this project's labels and annotations, and the labels that Kubernetes recommends."""

from __future__ import annotations

# Kubernetes asks for a DNS subdomain, so that keys of different authors never collide. ICANN reserved .internal for
# private use and never delegates it: nobody can own this name.
# Sources: kubernetes.io/docs, Labels and Selectors, Syntax and character set; SSAC advisory SAC113.
PREFIX = "environments.internal"

# kubernetes.io/docs, Recommended Labels: the app that an object belongs to, and the name of its workload.
PART_OF = "app.kubernetes.io/part-of"
NAME = "app.kubernetes.io/name"
