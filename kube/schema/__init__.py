"""What Kubernetes' own API takes: its kinds, fields, types and list keys, by minor version."""
