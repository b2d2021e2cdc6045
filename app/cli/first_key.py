"""The first admin key: made when a service starts for the first time, and shown once."""

from __future__ import annotations

import logging
from contextlib import closing
from typing import TYPE_CHECKING

import typer

from app.errors import AppError

if TYPE_CHECKING:
    from app.config import Settings
    from app.logs import LogFormat

_NAME = "first start"
_MESSAGE = """
This first start made a key with the scope admin, for what is under /admin. It is shown this once; keep it:

    {key}

    curl -H 'Authorization: Bearer {key}' {address}/admin/jobs

inkrow keys list shows which there are, inkrow keys revoke {id} ends this one.
"""

_log = logging.getLogger(__name__)


def show_first_key(settings: Settings, address: str, log_format: LogFormat) -> None:
    """Make a key with the scope admin if there has never been one, and show it on stderr with a call that uses it.

    A log in JSON is collected, and read by others. With that format no key is made; the log says how to make one.

    Parameters
    ----------
    address : where the service will be found, ``http://127.0.0.1:8000``
    log_format : of the service
    """
    from app.access import KeyStore
    from app.database import Database

    if settings.admin_key is not None:
        return
    try:
        with closing(Database(settings.database_url)) as database:
            store = KeyStore(database)
            if store.has_admin():
                return
            made = store.create_first(_NAME) if log_format == "text" else None
    except AppError as exc:  # pages can be read without it
        _log.error("no admin key could be looked for: %s", exc.detail)
        return
    if made is None:
        _log.warning("no key has the scope admin; inkrow keys create NAME --scope admin makes one")
        return
    key, sent = made
    typer.echo(_MESSAGE.format(key=sent, id=key.id, address=address), err=True)
