"""From what a row network says at each column to a text with places and probabilities."""
