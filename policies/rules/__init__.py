"""The rules, one noun a file."""
