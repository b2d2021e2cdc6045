from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from app.validation_messages import validation_message


class _Pair(BaseModel):
    model_config = ConfigDict(from_attributes=True)  # as FastAPI has it

    left: int
    right: int


def _refuse(value: str) -> str:
    raise ValueError(f"{value!r} is not ours")


@pytest.mark.parametrize(
    "kind, value, said",
    [
        (Annotated[int, Field(le=10)], "11", "expected at most 10, got '11'"),
        (Annotated[int, Field(ge=0)], "-1", "expected at least 0, got '-1'"),
        (int, "x", "expected a valid integer, got 'x'"),
        (float, "x", "expected a valid number, got 'x'"),
        (Annotated[list[int], Field(min_length=1)], [], "expected at least 1 item, got 0"),
        (_Pair, {"left": 1}, "expected a value, got none"),
        (_Pair, [3], "expected an object"),
        (_Pair, 3, "expected an object, got 3"),
        (Annotated[int, Field(ge=1)], 0, "expected at least 1, got 0"),
        (Annotated[float, Field(gt=0)], -0.5, "expected greater than 0, got -0.5"),
        (list[int], True, "expected a valid list, got true"),
        (int, 1.5, "expected a valid integer, got 1.5"),
        (Annotated[int, Field(le=9)], 10**4000, "expected at most 9"),
        (Annotated[str, Field(min_length=1)], "", "expected at least 1 character, got ''"),
        (Annotated[int, Field(le=9)], 10**15, "expected at most 9, got 1000000000000000"),
        (Annotated[float, Field(allow_inf_nan=False)], float("nan"), "expected a finite number, got NaN"),
        (Annotated[str, Field(pattern="^a+$")], "b", "expected what matches '^a+$', got 'b'"),
        (Annotated[str, Field(max_length=9)], "\ud800", "expected a valid string, got '\\ud800'"),
        (Literal["a", "b"], "c", "expected 'a' or 'b', got 'c'"),
        (int, [1], "expected a valid integer"),
        (Annotated[str, AfterValidator(_refuse)], "c", "'c' is not ours"),
    ],
)
def test_a_message_says_what_was_expected_and_what_came(kind: Any, value: object, said: str):
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    assert [validation_message(error) for error in caught.value.errors()] == [said]
