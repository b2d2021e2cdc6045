"""Corrections as they are sent, and pages that are kept for them."""
