"""Turning what people correct into examples to train on."""
