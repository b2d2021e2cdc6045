"""Looking into the versions of models."""
