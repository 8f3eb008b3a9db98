"""The layers of a root in, typed and checked environments out."""
