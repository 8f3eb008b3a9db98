"""One Markdown comment for a pull request: the verdict first, details folded, below the limit of the forges."""
