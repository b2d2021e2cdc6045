"""Rows of writing to be learnt: composed, drawn, photographed, in batches."""
