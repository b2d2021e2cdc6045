"""Whether a row is writing at all, and how sure each answer is."""
