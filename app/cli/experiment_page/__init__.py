"""The page that `inkrow experiment` writes."""
