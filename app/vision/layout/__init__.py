"""Where on a page writing stands: columns, rows and words, and how far these slope or lean."""
