"""The `envs` command and its packages."""
