"""What is told of the service itself: log, metrics."""
