"""The record of deployments in Git notes: what ran where since when, and what may run next."""
