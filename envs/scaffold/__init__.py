"""An environment in, the files of a copy of it out."""
