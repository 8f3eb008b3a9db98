"""PULL: the job that keeps a cluster equal to Git."""
