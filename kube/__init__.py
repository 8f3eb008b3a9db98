"""What holds for Kubernetes objects everywhere: their text, kinds, images, quantities and differences. A leaf."""
