"""The `envs` command and what it stands on."""
