"""Reads manifests from Git."""
