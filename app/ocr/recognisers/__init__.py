"""The networks as they are used: images in, characters with their probabilities out."""
