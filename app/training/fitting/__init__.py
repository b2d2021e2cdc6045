"""Models that are not trained by gradients of a network: confidence, language, likeness, means of weights."""
