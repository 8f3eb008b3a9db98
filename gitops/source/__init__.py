"""Git in, manifests out."""
