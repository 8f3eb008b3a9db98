"""Kubernetes objects as YAML text."""
