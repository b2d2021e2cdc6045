"""Bringing data sets here."""
