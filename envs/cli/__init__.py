"""The `envs` command, one verb per file."""
