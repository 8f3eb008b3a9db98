"""Asks container registries by the OCI distribution specification: https://github.com/opencontainers/distribution-spec."""
