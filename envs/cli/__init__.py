"""The `envs` command, one verb a file."""
