"""Messages about wrong values, in words of our own instead of Pydantic's: what was expected, what came."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from app.errors import AppError, TooManyPixels

_LONGEST_NUMBER = 30  # digits; one may come with thousands
_SHORTER = {
    "less than or equal to": "at most",
    "greater than or equal to": "at least",
    ", unable to parse string as an integer": "",
    ", unable to parse string as a number": "",
    ", unable to parse raw data as a unicode string": "",
    "String should match pattern": "expected what matches",
    "a valid boolean, unable to interpret input": "true or false",
    "a valid boolean": "true or false",
    "a valid dictionary or object to extract fields from": "an object",
    " after validation, not ": ", got ",
    ", got a number with a fractional part": "",
}


def without_password(text: str) -> str:
    """Put asterisks for the password in an address such as ``redis://user:password@host``; other text stays."""
    return re.sub(r"(//[^:@/]*:)[^@]*@", r"\1***@", text)


def error_message(exc: AppError) -> str:
    """Say what was expected and what came, and of the limit of pixels which setting it is.

    What decodes images is handed the limit, and does not know where it comes from.
    """
    return f"{exc.detail}; INKROW_MAX_PIXELS sets the limit" if isinstance(exc, TooManyPixels) else exc.detail


def validation_message(error: Mapping[str, Any]) -> str:
    """Put one error of Pydantic's `errors()` into words.

    What came is given only if it is text, without a password, or a number that is not too long.
    """
    message = str(error["msg"])
    if error["type"] == "value_error":  # raised by a validator, whose sentence says what came
        return message.removeprefix("Value error, ")
    if error["type"] == "missing":
        return "expected a value, got none"
    message = re.sub(r"^\w+ should (be|have) ", "expected ", message)
    for wordy, short in _SHORTER.items():
        message = message.replace(wordy, short)
    match error.get("input"):
        case str(came):
            return f"{message}, got {without_password(came)!r}"
        case int(came) | float(came) if len(number := json.dumps(came)) <= _LONGEST_NUMBER:
            return f"{message}, got {number}"
    return message
