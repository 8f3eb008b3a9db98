"""The nouns of the layers, typed."""
