"""What a repository of one's own starts with: its files, from templates."""
