"""Reads files in a process of its own, which may be killed by what it reads without harm to anything else."""
