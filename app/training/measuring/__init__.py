"""Measuring: how well networks name glyphs and spell rows, and how well readers read pages."""
