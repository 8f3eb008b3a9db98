"""Two states of an environment in, their differences out, as text and as data."""
