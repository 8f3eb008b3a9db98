"""Reads the layers of a root into typed and checked environments."""
