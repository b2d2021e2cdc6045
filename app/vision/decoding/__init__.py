"""File bytes to grey pages, with every limit checked before pixels are unpacked."""
