"""Computes which pods reach each other by all NetworkPolicies together."""
