"""Learning from corrections, and comparing learning rates."""
