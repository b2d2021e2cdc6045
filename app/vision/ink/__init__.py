"""What on a page is ink: light and ground, sheet and padding, connected pieces."""
