"""What no single field can know: faults within an environment and between environments."""
