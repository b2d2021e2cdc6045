"""Training glyphs: single characters, drawn with variation, damaged as on real pages, in batches."""
