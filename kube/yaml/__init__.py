"""YAML of Kubernetes objects: written in one form, read with the place of every value.."""
