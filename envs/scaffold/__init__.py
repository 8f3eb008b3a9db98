"""Creates and deletes the files of an environment, all of them or none."""
