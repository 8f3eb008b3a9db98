"""MAY IT: rules over Kubernetes objects, the same at every gate."""
