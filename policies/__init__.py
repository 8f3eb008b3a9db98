"""May it: rules over manifests, the same at every gate."""
