"""Environments and policies together: all objects of an environment, and what the rules find in them."""
