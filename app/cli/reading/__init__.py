"""How files are read: which ones, and whether here or by a service elsewhere."""
