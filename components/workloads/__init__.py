"""What an app runs: workloads with all that belongs to them."""
