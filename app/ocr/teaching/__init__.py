"""What corrections teach."""
