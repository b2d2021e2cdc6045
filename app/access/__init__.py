"""Who may do what: API keys and their scopes."""

from app.access.keys import Key, KeyStore, Scope

__all__ = ["Key", "KeyStore", "Scope"]
