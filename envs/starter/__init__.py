"""The files of a new repository, from templates."""
