"""A merged tree in, a typed environment out, or faults with their places."""
