"""What: the typed layers of the environments, read with their positions."""
