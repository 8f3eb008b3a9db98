"""Helpers of make targets; not part of the product."""
