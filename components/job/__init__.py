"""The GitOps job of an environment, as objects."""
