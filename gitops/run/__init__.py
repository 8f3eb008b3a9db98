"""One run over all applications."""
