"""Checks that involve several fields, within an environment and between environments."""
