"""Text of a layer in, nodes with their places out."""
