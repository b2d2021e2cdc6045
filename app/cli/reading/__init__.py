"""Which files are read, and by whom: a reader in this process, or a service."""
