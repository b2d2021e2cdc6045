"""Data sets in their files: readers that trust nothing."""
