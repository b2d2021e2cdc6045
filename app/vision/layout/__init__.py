"""Where on a page writing stands: columns, rows, words, and how far they lean."""
