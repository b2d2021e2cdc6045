"""Whole pages with their truth."""
