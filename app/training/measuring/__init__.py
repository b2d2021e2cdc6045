"""How well models and readers do."""
