"""Retraining on corrections, and sweeps that compare learning rates: the work of jobs."""
