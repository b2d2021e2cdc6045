"""Single characters to be learnt: drawn, spoiled, in batches."""
