"""The base of all components: manifests and the scope in which they are made."""
