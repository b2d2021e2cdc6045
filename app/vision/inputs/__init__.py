"""What the networks are shown: glyphs, strips of rows, and many of these in one array."""
