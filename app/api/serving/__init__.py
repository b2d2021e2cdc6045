"""The life of a server process: models in service, turns, expiry, shutdown."""
