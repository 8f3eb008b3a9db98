"""The one error of this package: its text is written for the person who reads it."""


class ClusterError(Exception):
    """A cluster cannot be had: what failed, where its log is, what to do."""


class UnfitMachineError(ClusterError):
    """This kind of cluster cannot run on this machine, whatever is installed; completes "this machine cannot"."""
