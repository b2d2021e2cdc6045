"""Long lists in parts: ``?limit=&cursor=``, with the address of the next part in a Link header (RFC 8288)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from fastapi import Request, Response
from pydantic import ConfigDict, Field, TypeAdapter

from app.api.answers import uncached
from app.api.openapi import documented_headers
from app.api.queries import Strict
from app.errors import InvalidInput

_MOST = 200
_STRICTLY = ConfigDict(strict=True, allow_inf_nan=False)
LINK = documented_headers({"Link": "Where the next part of the list is; absent on the last."})

Place = TypeVar("Place")
Entry = TypeVar("Entry")


class PageQuery(Strict):
    """Which part of a list is wanted."""

    limit: int = Field(default=50, ge=1, le=_MOST, description="Most entries to give.")
    cursor: str | None = Field(
        default=None, max_length=500, description="`next_cursor` of the part before; the first part without."
    )

    def after(self, kind: type[Place]) -> Place | None:
        """Return the place in the list after which the part begins; None for the first part.

        Parameters
        ----------
        kind : tuple or named tuple of the values that `to_cursor` was given

        Raises
        ------
        InvalidInput : this list has not given out such a cursor.
        """
        if self.cursor is None:
            return None
        try:
            values = urlsafe_b64decode(self.cursor.encode())
            return TypeAdapter(kind, config=_STRICTLY).validate_json(values)
        except (ValueError, OverflowError) as exc:  # the latter for times that are in no year
            raise InvalidInput(f"cursor: expected next_cursor of the same list, got {self.cursor!r}") from exc


def to_cursor(*place: Any) -> str:
    """Encode the place of the last entry of a part, given as values of JSON's types."""
    return urlsafe_b64encode(json.dumps(place).encode()).decode()


def part_of_list(
    request: Request,
    found: Sequence[Entry],
    limit: int,
    place: Callable[[Entry], Sequence[Any]],
    document: Callable[[Entry], Mapping[str, Any]],
) -> Response:
    """Answer with a part of a list.

    Parameters
    ----------
    found : the entries of the part, and one more if the list goes on after it
    limit : most entries of a part
    place : returns the place of an entry in the list, as values of JSON's types; see `PageQuery.after`
    document : describes an entry in JSON's types
    """
    part = found[:limit]
    next_cursor = to_cursor(*place(part[-1])) if len(found) > limit else None
    items = [document(entry) for entry in part]
    headers = {} if next_cursor is None else {"Link": _next_link(request, next_cursor)}
    return uncached({"items": items, "next_cursor": next_cursor}, headers=headers)


def _next_link(request: Request, next_cursor: str) -> str:
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f'<?{urlencode([*query, ("cursor", next_cursor)])}>; rel="next"'
