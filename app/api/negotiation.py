"""Choosing the form of an answer by the Accept header (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Mapping

from app.api.problems import HttpProblem


def negotiate(accept: str, offered: Mapping[str, str]) -> str:
    """Choose what suits the client best; of equals, the first offered; none that suits is problem 406.

    Parameters
    ----------
    accept : the header's value; an empty one accepts everything
    offered : media types without parameters, by the names of which one is returned
    """
    ranges = dict(_parse(part) for part in accept.split(",") if part.strip()) or {"*/*": 1.0}

    def quality(name: str) -> float:
        media_type = offered[name]
        kind = media_type.partition("/")[0]
        return next((ranges[key] for key in (media_type, f"{kind}/*", "*/*") if key in ranges), 0.0)

    best = max(offered, key=quality)
    if quality(best) > 0:
        return best
    types = list(offered.values())
    detail = f"expected an Accept header that allows one of {', '.join(types)}, got {accept!r}"
    raise HttpProblem(406, detail, headers={"Vary": "Accept"}, available=types)


def _parse(media_range: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in media_range.split(";"))
    weights = [value for key, _, value in (item.partition("=") for item in parameters) if key.strip() == "q"]
    try:
        return name, float(weights[0]) if weights else 1.0
    except ValueError:  # not a number: as good as not asked for
        return name, 0.0
