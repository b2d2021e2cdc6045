"""Models that are fitted and not trained: confidence, language, likeness, means of weights."""
