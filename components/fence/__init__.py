"""The fence of an app: what bounds it, and what the app must not change."""
