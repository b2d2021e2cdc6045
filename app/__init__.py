"""Inkrow: reads hand-printed text from photos and scans, row by row, with a neural network written in NumPy."""
