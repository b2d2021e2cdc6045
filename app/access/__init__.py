"""Who may do what, and how often: API keys, their scopes, counts of requests, and what was answered before."""

from app.access.idempotency import IdempotencyStore
from app.access.keys import Key, KeyStore, Scope
from app.access.limits import WINDOW_S, RateLimit, Usage

__all__ = ["WINDOW_S", "IdempotencyStore", "Key", "KeyStore", "RateLimit", "Scope", "Usage"]
