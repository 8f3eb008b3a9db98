"""The user's checkout: its Git history, and the files that commands write."""
