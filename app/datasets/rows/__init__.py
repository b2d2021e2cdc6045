"""Training rows: composed or as somebody wrote them, drawn or photographed, in batches."""
