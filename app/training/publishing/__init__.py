"""From a trained network to a version in the store."""
