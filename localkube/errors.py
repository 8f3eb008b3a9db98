"""The one error of this package: its text is written for the person who reads it."""


class ClusterError(Exception):
    """A cluster cannot be had: what failed, where its log is, what to do."""
