"""Who may do what, and how often: API keys, their scopes, and counts of requests."""

from app.access.keys import Key, KeyStore, Scope
from app.access.limits import WINDOW_S, RateLimit, Usage

__all__ = ["WINDOW_S", "Key", "KeyStore", "RateLimit", "Scope", "Usage"]
