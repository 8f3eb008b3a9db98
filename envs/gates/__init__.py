"""Environments and policies together: makes all objects of an environment and judges them."""
