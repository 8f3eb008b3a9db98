"""Compares two states of an environment and shows the differences as text and as data."""
