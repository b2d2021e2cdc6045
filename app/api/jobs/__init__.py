"""Jobs as the service tells of them."""
