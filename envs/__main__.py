"""`python -m envs` is the `envs` command."""

from envs.cli.main import main

main()
