"""What a training run is made of, and the recipes that come with Inkrow."""
