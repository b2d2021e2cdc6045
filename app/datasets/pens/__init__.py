"""Writing as pen strokes, and the hands that write."""
