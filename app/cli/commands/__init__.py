"""A file for each command, or for each group of them, by its name."""
