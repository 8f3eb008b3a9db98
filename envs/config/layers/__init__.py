"""Reads the files of a root and merges them into one tree for each environment."""
