"""One of everything that the documentation shows of corrections and reviews."""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

MULTIPART = "multipart/form-data"
Answers = dict[str, Any]
_ID = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{32})\b")
_TIME = re.compile(r"\b20\d\d-\d\d-\d\dT[0-9:.]+\+00:00")


def collect_corrections(client: TestClient, page: bytes, key: str) -> tuple[Answers, list[Response], Answers]:
    """Return answers by their names in the documentation, problems, and what was sent to correct.

    Parameters
    ----------
    page : reads "A5"
    key : with the scope ``correct``
    """
    authorised = {"Authorization": f"Bearer {key}"}

    def correct(text: str) -> Response:
        files = {"file": ("page.png", page)}
        return client.post("/corrections", files=files, data={"text": text}, headers=authorised)

    def get(address: str) -> Response:
        return client.get(address, headers=authorised)

    client.post("/ocr", params={"keep": True}, files={"file": ("page.png", page)}, headers=authorised)
    correction = correct("A5").json()
    review = get("/review?limit=1").json()
    kept = get(f"/review/{review['items'][0]['page']}").json()
    kept["reading"] = {"text": kept["text"]}  # as `/ocr` shows it
    answers = {
        "/corrections": correction,
        "/corrections of all": get("/corrections").json(),
        "/review": review | {"next_cursor": None},  # holds the page's id
        "/review/{page}": kept,
    }
    place = {"page": review["items"][0]["page"], "row": 0, "word": 0, "glyph": 0, "text": "A"}
    client.post("/corrections", json=place, headers=authorised).raise_for_status()
    bodies = {MULTIPART: {"file": "page.png", "text": "A5"}, "application/json": settled(place)}
    problems = [correct("B5"), get("/corrections/0"), get("/review/0")]
    return {name: settled(answer) for name, answer in answers.items()}, problems, bodies


def settled(answer: Any) -> Any:
    """Put the same ids and times into every answer."""
    text = _TIME.sub("2026-11-28T12:00:00+00:00", json.dumps(answer))
    text = re.sub(r'"created_by": "\w+"', '"created_by": "0123456789ab"', text)
    return json.loads(_ID.sub(lambda found: "0123456789abcdef" * (len(found[0]) // 16), text))
