"""One of everything that the documentation shows of promotions."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from fastapi.testclient import TestClient
from httpx2 import Response

from app.access import KeyStore, Scope
from app.api import create_app
from app.config import Settings
from app.store import OWNED_KEYS, ModelStore
from tests.api.correction_answers import settled

MOVE = {"model": "seed", "version": "2"}
ROLLBACK = {"model": "seed"}


def collect_promotions(settings: Settings, headers: dict[str, str]) -> tuple[dict[str, Any], list[Response]]:
    """Return answers by their names in the documentation, and problems; of a store of its own."""
    with TemporaryDirectory() as folder:
        store = ModelStore(Path(folder))
        shutil.copytree(settings.model_store / "seed", store.root / "seed")
        _publish_worse(store)
        own = settings.model_copy(update={"model_store": store.root})
        with TestClient(create_app(own), headers=headers) as client:
            _, key = KeyStore(client.app.state.database).create("promotes", [Scope.ADMIN])  # type: ignore[attr-defined]
            client.headers["Authorization"] = f"Bearer {key}"
            seen = client.get("/admin/aliases")
            if_match = {"If-Match": seen.headers["etag"]}
            problems = [
                client.put("/admin/aliases/champion", json=MOVE),
                client.put("/admin/aliases/champion", json=MOVE, headers=if_match),
            ]
            moved = client.put("/admin/aliases/candidate", json=MOVE, headers=if_match)
            problems += [
                client.put("/admin/aliases/candidate", json=MOVE, headers=if_match),
                client.post("/admin/aliases/champion/rollback", json=ROLLBACK),
            ]
            store.publish("seed", {"x": np.zeros(1, np.float32)}, {})
            problems.append(
                client.put("/admin/aliases/champion", json={**MOVE, "version": "3"}, headers={"If-Match": "*"})
            )
            (store.root / "seed" / "2" / "model.safetensors").write_bytes(b"")
            problems.append(client.put("/admin/aliases/previous", json=MOVE, headers={"If-Match": "*"}))
            answers = {
                "/admin/aliases": seen.json(),
                "/admin/aliases/{alias}": moved.json(),
                "/admin/promotions": client.get("/admin/promotions").json(),
            }
    return {name: _settled(answer) for name, answer in answers.items()}, problems


def _settled(answer: Any) -> Any:
    return json.loads(re.sub(r'"key \w+"', '"key 0123456789ab"', json.dumps(settled(answer))))


def _publish_worse(store: ModelStore) -> None:
    """Publish a version that has half forgotten what it knew."""
    model = store.load("seed")
    rng = np.random.default_rng(0)
    arrays = {
        name: array + rng.normal(0, 0.3 * array.std(), array.shape) for name, array in sorted(model.arrays.items())
    }
    card = {key: value for key, value in model.card.items() if key not in OWNED_KEYS}
    store.publish("seed", {name: array.astype(np.float32) for name, array in arrays.items()}, card)
