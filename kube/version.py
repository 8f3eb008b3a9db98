"""Which Kubernetes the objects and the policies are written for."""

from __future__ import annotations

# The rules on Pod Security are those of this minor version, as is the API server that tests run.
# Source: https://github.com/kubernetes/website/blob/main/content/en/docs/concepts/security/pod-security-standards.md
KUBERNETES = "1.36"
