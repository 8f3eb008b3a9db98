"""Rows of the GitOps job, beside kubectl on fresh control planes of its own."""
