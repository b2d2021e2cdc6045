"""What the documentation shows: answers as the service really gives them (the tests compare)."""

from __future__ import annotations

from typing import Any

from app.api.problems import ANY_PROBLEM, KINDS, MEDIA_TYPE

_BOX = {"left": 412, "top": 168, "right": 498, "bottom": 271}

READING: dict[str, Any] = {
    "text": "A1",
    "model": {"name": "handprint", "version": "3", "digest": f"sha256:{'5e' * 32}", "alias": "champion"},
    "page": {"width": 2270, "height": 1631, "angle_deg": -0.4, "orientation_deg": 0},
    "rows": [
        {
            "text": "A1",
            "confidence": 0.94,
            "box": _BOX,
            "words": [
                {
                    "text": "A1",
                    "confidence": 0.94,
                    "box": _BOX,
                    "glyphs": [
                        {
                            "char": "A",
                            "confidence": 0.99,
                            "box": {"left": 412, "top": 170, "right": 466, "bottom": 271},
                            "alternatives": [{"char": "H", "confidence": 0.01}],
                            "break_after": {"kind": "none", "gap_px": 14.0, "p_space": 0.02},
                        },
                        {
                            "char": "1",
                            "confidence": 0.9,
                            "box": {"left": 480, "top": 168, "right": 498, "bottom": 268},
                            "alternatives": [{"char": "I", "confidence": 0.08}, {"char": "7", "confidence": 0.02}],
                            "break_after": {"kind": "row", "gap_px": 0.0, "p_space": 1.0},
                        },
                    ],
                }
            ],
        }
    ],
    "warnings": [],
    "timing_ms": {"decode": 9.1, "segment": 14.0, "classify": 6.2, "language": 1.0},
}

# By code: the detail, and the members of this kind beside the five that all have.
_PROBLEMS: dict[str, tuple[str, dict[str, Any]]] = {
    "malformed-request": ("Missing boundary in multipart.", {}),
    "not-acceptable": (
        "expected an Accept header that allows application/json or text/plain, got 'image/png'",
        {"available": ["application/json", "text/plain"]},
    ),
    "too-many-bytes": (
        "expected a body of at most 33554432 bytes, got 41943040 or more",
        {"limit": 33554432, "actual": 41943040},
    ),
    "not-an-image": ("expected an image of one of JPEG, PNG, WEBP, TIFF; the content is none of them", {}),
    "invalid-input": (
        "query parameter 'alternatives': Input should be less than or equal to 10",
        {
            "errors": [
                {
                    "location": "query parameter",
                    "name": "alternatives",
                    "detail": "Input should be less than or equal to 10",
                }
            ]
        },
    ),
    "unreadable-image": ("expected a whole PNG image, but it cannot be decoded: image file is truncated", {}),
    "too-many-pixels": (
        "expected at most 100000000 pixels, got 20000 x 10000",
        {"limit": 100_000_000, "actual": 200_000_000},
    ),
    "not-ready": (
        "the service cannot read at the moment",
        {"reasons": ["the model handprint champion could not be loaded (model-not-found); the log says why"]},
    ),
    "not-found": ("there is nothing at /problems/none", {}),
}


def problem_responses(instance: str, *codes: str) -> dict[int | str, dict[str, Any]]:
    """Document the problems that an address answers with: FastAPI's ``responses``."""
    responses: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        kind = KINDS[code]
        detail, members = _PROBLEMS[code]
        example = {
            "type": f"/problems/{code}",
            "title": kind.title,
            "status": kind.status,
            "detail": detail,
            "instance": instance,
            **members,
        }
        content = {**ANY_PROBLEM["content"][MEDIA_TYPE], "examples": {}}
        response = responses.setdefault(kind.status, {"description": "", "content": {MEDIA_TYPE: content}})
        response["description"] = "; ".join(filter(None, [response["description"], kind.title]))
        response["content"][MEDIA_TYPE]["examples"][code] = {"summary": kind.title, "value": example}
    return responses
