"""Choosing a format by the Accept header (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence


def best_media_type(accept: str, offered: Sequence[str]) -> str | None:
    """Choose what suits the client best; of equals, the first offered.

    Parameters
    ----------
    accept : the header's value; an empty one accepts everything
    offered : media types without parameters

    Returns
    -------
    str or None : one of `offered`; None if the client accepts none of them
    """
    ranges = dict(_parse(part) for part in accept.split(",") if part.strip()) or {"*/*": 1.0}

    def quality(media_type: str) -> float:
        kind = media_type.partition("/")[0]
        return next((ranges[key] for key in (media_type, f"{kind}/*", "*/*") if key in ranges), 0.0)

    best = max(offered, key=quality)
    return best if quality(best) > 0 else None


def _parse(media_range: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in media_range.split(";"))
    weights = [value for key, _, value in (item.partition("=") for item in parameters) if key.strip() == "q"]
    try:
        return name, float(weights[0]) if weights else 1.0
    except ValueError:  # not a number: as good as not asked for
        return name, 0.0
