"""Environments that come and go: the files of one created or deleted, all of them or none."""
