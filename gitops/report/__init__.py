"""What happened, as lines, JSON and metrics."""
