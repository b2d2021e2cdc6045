"""Asks the service for one of everything that its documentation shows; ``make examples`` keeps the answers."""

from __future__ import annotations

import json
import logging
import re
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from fastapi import Depends
from fastapi.testclient import TestClient
from PIL import Image
from pydantic import SecretStr

from app.access import KeyStore, Scope
from app.api import create_app
from app.api.access.guards import may
from app.api.openapi import EXAMPLES, FILE, WORDED_BY_EACH
from app.api.serving.turns import Turns
from app.config import Settings
from app.datasets.pages.sample_page import draw_sample_page
from app.datasets.pens.hand import Hand
from app.formats import FORMATS
from tests.api.correction_answers import MULTIPART, collect_corrections, settled
from tests.api.own_answers import SWEEP_CURVES, collect_own, operation_of
from tests.api.promotion_answers import MOVE, ROLLBACK, collect_promotions
from tests.api.real_jobs import RETRAINING, SWEEP, collect_jobs

# The numbers of a reading differ a little from one machine to the next.
_CLOSE_PX = 2
_CLOSE = 0.02
_SAME_ID = {"x-request-id": "3f0c9b52-7a41-4d2e-9a35-c1d2e4f60718"}
_ADMIN_KEY = "the administrator of the documentation"
_MULTIPART = {"content-type": MULTIPART}
# What is shown of each address that looks into a version, by its name in the documentation.
_INSPECTED = {
    "/confusion": "/confusion?model=seed/1&among=0O5S&top=2",
    "/confusion as CSV": "/confusion?model=seed/1&among=0O5S&format=csv",
    "/confusion/{true}/{predicted}": "/confusion/0/O?model=seed/1&split=synthetic&limit=1",
    "/curves": "/curves?model=seed/1",
    "/calibration": "/calibration?model=seed/1&split=synthetic&bins=2",
    "/writers": "/writers?model=seed/1&split=synthetic",
    "/weights": "/weights?model=seed/1",
    "/writers as CSV": "/writers?model=seed/1&split=synthetic&format=csv",
}
_OTHERS = ("/livez", "/readyz", "/problems", "/problems/not-an-image", "/models", "/models/seed", "/models/seed/1")
_SETTLED = {"corrected-otherwise", "stale-aliases"}  # problems that tell ids
# Entries of a list or table; of a longer one an example shows the first few.
_MOST, _SHOWN = 20, 2


def _saved(image: Image.Image, *further: Image.Image, format: str = "PNG") -> bytes:
    file = BytesIO()
    image.save(file, format, save_all=bool(further), append_images=further)
    return file.getvalue()


def draw_page(text: str) -> bytes:
    """Write a small page in our own pen font."""
    grey = draw_sample_page([text], np.random.default_rng(0), size_px=(200, 300), hand=Hand(word_gap=0.8))
    return _saved(Image.fromarray(grey))


def collect() -> dict[str, Any]:
    """Return the answers by kind and name, in JSON's types."""
    with TemporaryDirectory() as state:
        return _collect(Settings(data=Path("no data"), state=Path(state), admin_key=SecretStr(_ADMIN_KEY)))


def _collect(settings: Settings) -> dict[str, Any]:
    page = draw_page("A5")
    app = create_app(settings)
    app.add_api_route("/failing", lambda: 1 / 0, include_in_schema=False)
    app.add_api_route("/admin", lambda: None, include_in_schema=False, dependencies=[Depends(may("admin"))])
    with TestClient(app, headers=_SAME_ID, raise_server_exceptions=False) as client:

        def post(*contents: bytes, **arguments: Any) -> Any:
            files = [("file", (f"page{number}.png", content)) for number, content in enumerate(contents, 1)]
            return client.post("/ocr", files=files, **arguments)

        _, reading_key = KeyStore(app.state.database).create("reads", [Scope.READ])
        problems = [
            client.get("/admin"),
            client.get("/admin", headers={"Authorization": f"Bearer {reading_key}"}),
            client.post("/ocr", headers=_MULTIPART),
            post(page, headers={"Accept": "image/gif"}),
            client.post("/ocr", content=b"", headers={**_MULTIPART, "content-length": "41943040"}),
            post(b"GIF but for the rest"),
            post(page, params={"alternatives": 11}),
            post(page, params={"model": "candidate"}),
            post(page[:100]),
            post(_saved(Image.new("1", (20_000, 10_000)))),
            post(_saved(*[Image.new("1", (30, 20))] * 101, format="TIFF")),
            post(*[page] * 21),
            post(b"neither", b"nor"),
            client.get("/problems/none"),
            client.get("/confusion?model=seed/1&split=test"),
            client.get("/ocr"),
            client.get("/failing"),
        ]
        texts = {
            format_.name: post(page, params={"format": format_.name}).text
            for format_ in FORMATS.values()
            if format_.name != "json" and _is_text(format_.media_type)
        }
        others = {path: client.get(path).json() for path in _OTHERS}
        of_jobs, problems_of_jobs, own_of_jobs = collect_jobs(app, client)
        others |= of_jobs
        others["/metrics"] = _model_info(client.get("/metrics").text)
        inspected = {name: _read(client.get(address)) for name, address in _INSPECTED.items()}
        inspected["/curves of a sweep"] = client.post("/curves", json=SWEEP_CURVES).json()
        glyph = {"file": ("glyph.png", draw_page("5"))}
        inspected["/weights/activations"] = client.post(
            "/weights/activations?model=seed/1&layer=sigmoid", files=glyph
        ).json()
        inspected["/explain"] = client.post(
            "/explain?row=0&word=0&glyph=0&neighbours=1&alternatives=1", files={"file": ("page.png", page)}
        ).json()
        _, correcting_key = KeyStore(app.state.database).create("corrects", [Scope.CORRECT])
        corrections, their_problems, correcting_bodies = collect_corrections(client, page, correcting_key)
        problems += their_problems
        others |= corrections
        promotions, their_problems = collect_promotions(settings, _SAME_ID)
        problems += their_problems
        others |= promotions
        reading, pages = post(page, params={"alternatives": 1}).json(), post(page, b"no image").json()
        administrator = {**_SAME_ID, "Authorization": f"Bearer {_ADMIN_KEY}"}
        client.headers.update(administrator)
        unready = create_app(settings)
        forms = {
            "POST /ocr": {"files": {"file": ("page.png", page)}},
            "POST /corrections": {"files": {"file": ("page.png", page)}, "data": {"text": "A5"}},
            "POST /weights/activations": {"files": glyph},
            "POST /explain": {"files": {"file": ("page.png", page)}},
        }
        own = collect_own(app, client, TestClient(unready, headers=administrator), forms)
        limited = TestClient(create_app(settings.model_copy(update={"rate_limit": 1})), headers=_SAME_ID)
        problems += [limited.get("/models") for _ in range(2)][1:]
    problems.append(TestClient(unready, headers=_SAME_ID).get("/readyz"))  # its model is loaded only at the start
    unready.state.turns = Turns("read", at_a_time=0, most_waiting=0, metrics=unready.state.metrics)
    problems.append(TestClient(unready, headers=_SAME_ID).post("/ocr"))
    pages["pages"][0]["rows"] = []  # as in the other example
    for operation, problem in own_of_jobs.items():
        own[operation]["invalid-input"] = problem
    for response in problems:
        if _code(response) in WORDED_BY_EACH and (operation := operation_of(app.openapi(), response.request)):
            own[operation].setdefault(_code(response), _read_problem(response))
    bodies = {
        "POST /ocr": {MULTIPART: {"file": ["page1.png", "page2.png"]}},
        "POST /corrections": correcting_bodies,
        "PUT /admin/aliases/{alias}": {"application/json": MOVE},
        "POST /admin/aliases/champion/rollback": {"application/json": ROLLBACK},
        "POST /admin/retrain": {"application/json": RETRAINING},
        "POST /admin/sweeps": {"application/json": SWEEP},
        "POST /curves": {"application/json": SWEEP_CURVES},
        "POST /weights/activations": {MULTIPART: {"file": "glyph.png"}},
        "POST /explain": {MULTIPART: {"file": "page.png"}},
    }
    return {
        "reading": {"one page": reading, "several files": pages},
        "format": texts,
        "other": {path: _shortened(answer) for path, answer in others.items()},
        "inspection": {name: _shortened(answer) for name, answer in inspected.items()},
        "problem": {
            **{_code(response): _read_problem(response) for response in problems},
            **{document["type"].rpartition("/")[2]: document for document in problems_of_jobs},
        },
        "own": own,
        "body": bodies,
    }


def _code(response: Any) -> str:
    return str(response.json()["type"].rpartition("/")[2])


def _read_problem(response: Any) -> Any:
    return settled(response.json()) if _code(response) in _SETTLED else response.json()


def _model_info(figures: str) -> str:
    """Leave out the figures that are others each time: nearly all of them."""
    return "".join(line + "\n" for line in figures.splitlines() if "inkrow_model_info" in line)


def _read(response: Any) -> Any:
    return response.json() if response.headers["content-type"] == "application/json" else response.text


def _shortened(answer: Any) -> Any:
    """Leave out most of what is long: a card has some ten thousand numbers."""
    if isinstance(answer, dict):
        kept = list(answer.items())[: None if len(answer) <= _MOST else _SHOWN]
        return {key: _shortened(value) for key, value in kept}
    if isinstance(answer, list):
        return [_shortened(value) for value in answer[: None if len(answer) <= _MOST else _SHOWN]]
    return answer


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type.endswith("xml")


def differences(real: Any, shown: Any, place: str) -> list[str]:
    """List where an answer is another than the one that is shown, time and the last digits of a reading left out."""
    if isinstance(real, dict) and isinstance(shown, dict):
        if real.keys() != shown.keys():
            return [f"{place}: {sorted(real)} instead of {sorted(shown)}"]
        parts = [(real[key], shown[key], f"{place}.{key}") for key in real if key != "timing_ms"]
    elif isinstance(real, list) and isinstance(shown, list) and len(real) == len(shown):
        parts = [(*pair, f"{place}[{number}]") for number, pair in enumerate(zip(real, shown, strict=True))]
    else:
        return [] if _is_alike(real, shown, place) else [f"{place}: {real!r} instead of {shown!r}"]
    return [difference for part in parts for difference in differences(*part)]


def _is_alike(real: Any, shown: Any, place: str) -> bool:
    if isinstance(real, int | float) and isinstance(shown, int | float):
        return bool(abs(real - shown) <= (_CLOSE_PX if isinstance(real, int) else _CLOSE))
    if place.endswith((".image", ".input")):  # another processor's last digits may be another grey
        return bool(real == shown) or all(str(each).startswith("data:image/png;base64,") for each in (real, shown))
    if place.startswith("format."):  # as above, and when it was read
        return re.sub(r"\d+", "0", str(real)) == re.sub(r"\d+", "0", str(shown))
    return bool(real == shown)


def _kept(answers: dict[str, Any], kind: str) -> dict[str, Any]:
    """What is shown, with what differs from it put in its place: no digits change for nothing."""
    shown = EXAMPLES.get(kind, {})
    return {
        name: shown[name] if name in shown and not differences(answer, shown[name], f"{kind}.{name}") else answer
        for name, answer in answers.items()
    }


if __name__ == "__main__":
    logging.disable()  # one answer is that of a failure, which is logged
    kept = {kind: _kept(answers, kind) for kind, answers in collect().items()}
    FILE.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
