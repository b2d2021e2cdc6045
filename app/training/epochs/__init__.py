"""Training itself: what is learnt from, what is made small, step by step."""
