"""Validates a merged tree into a typed environment, or reports faults with their places."""
