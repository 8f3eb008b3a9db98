"""Newer images of workloads whose layers declare `updates:`, found in registries."""
