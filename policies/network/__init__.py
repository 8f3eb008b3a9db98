"""Who reaches whom, by all NetworkPolicies together."""
