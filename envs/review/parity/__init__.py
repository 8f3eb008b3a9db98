"""Compares environments with each other: they may differ only where environments/parity.yaml says so."""
