"""Pen strokes: sets of them, a font made of them, and imagined hands that write with it."""
