"""The errors of this package; their text is for people."""


class ClusterError(Exception):
    """No cluster can be provided; the message says what failed, where the log is, and what to do."""


class UnfitMachineError(ClusterError):
    """This kind of cluster cannot run on this machine, whatever is installed; completes "this machine cannot"."""
