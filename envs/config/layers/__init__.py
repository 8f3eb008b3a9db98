"""The files of a root in, one merged tree for each environment out."""
