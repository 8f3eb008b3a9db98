"""The Pulumi program of this repository; envs/program.py says what it does."""

from envs.program import main

main()
