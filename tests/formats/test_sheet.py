from __future__ import annotations

from app.formats.sheet import described
from tests.formats.conftest import MODEL


def test_one_line_names_every_model_that_read():
    rows = {"name": "rows", "version": "1", "digest": "sha256:ab", "alias": None}
    assert described({**MODEL, "rows": rows}) == f"{described(MODEL)}, rows 1 sha256:ab"
    assert described({**MODEL, "rows": rows, "language": {**rows, "name": "english"}}) == (
        f"{described(MODEL)}, rows 1 sha256:ab, english 1 sha256:ab"
    )
    assert described({**MODEL, "rows": None, "language": None}) == described(MODEL)
