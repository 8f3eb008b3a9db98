"""Moves releases: set, promoted, held, rolled back and restarted, with their rendered objects, through Git."""
