"""From the class probabilities that a row network gives for each column to a text with places and probabilities."""
