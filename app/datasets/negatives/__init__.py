"""What is not to be read: pictures without writing, other scripts."""
