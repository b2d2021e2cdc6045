from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from app.complaints import complaint


def _refuse(value: str) -> str:
    raise ValueError(f"{value!r} is not ours")


@pytest.mark.parametrize(
    "kind, value, said",
    [
        (Annotated[int, Field(le=10)], "11", "expected at most 10, got '11'"),
        (Annotated[int, Field(ge=0)], "-1", "expected at least 0, got '-1'"),
        (int, "x", "expected a valid integer, got 'x'"),
        (Annotated[str, Field(min_length=1)], "", "expected at least 1 character, got ''"),
        (Literal["a", "b"], "c", "expected 'a' or 'b', got 'c'"),
        (int, [1], "expected a valid integer"),
        (Annotated[str, AfterValidator(_refuse)], "c", "'c' is not ours"),
    ],
)
def test_a_complaint_says_what_was_expected_and_what_came(kind: Any, value: object, said: str):
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    assert [complaint(error) for error in caught.value.errors()] == [said]
