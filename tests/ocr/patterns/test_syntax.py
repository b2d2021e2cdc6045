from __future__ import annotations

import pytest

from app.errors import InvalidInput
from app.ocr import LONGEST_PATTERN
from app.ocr.patterns.syntax import MOST_REPEATS, parse

KNOWN = "ABC019-.$"


@pytest.mark.parametrize(
    "pattern, position, expected",
    [
        ("A(B", 4, "expected ), got the end"),
        ("AB)", 3, "expected ( before, got )"),
        ("*A", 1, "something to repeat"),
        ("A|+", 3, "something to repeat"),
        ("A**", 3, "one quantifier"),
        ("A+?", 3, "one quantifier"),
        ("A{", 3, "expected a number, got the end"),
        ("A{1", 4, "expected }, got the end"),
        ("A{2,1}", 6, "expected 2 times or more, got 1"),
        ("A{1000000}", 3, f"at most {MOST_REPEATS} times, got 1000000"),
        ("[AB", 4, "expected ], got the end"),
        ("[]", 2, "expected a character"),
        ("A[C-A]", 5, "a range from one character to a later one"),
        (r"[A-\d]", 5, "a range from one character to a later one"),
        ("AÄ", 2, "characters out of ABC019-.$, got Ä"),
        (r"\1", 2, "expected d, w, s, D, W, S or a sign"),
        ("A\\", 3, "expected d, w, s, D, W, S or a sign"),
        ("A^", 2, r"expected \^"),
        ("A$B", 2, r"expected \$"),
    ],
)
def test_what_is_no_pattern_is_refused_with_the_place(pattern, position, expected):
    with pytest.raises(InvalidInput) as refused:
        parse(pattern, KNOWN)
    assert refused.value.context == {"position": position}
    assert expected in refused.value.detail
    assert f"at position {position} of {pattern}" in refused.value.detail


def test_a_pattern_that_is_too_long_is_refused():
    with pytest.raises(InvalidInput, match=f"at most {LONGEST_PATTERN} characters, got {LONGEST_PATTERN + 1}"):
        parse("A" * (LONGEST_PATTERN + 1), KNOWN)


def test_the_deepest_nesting_there_can_be_is_parsed():
    depth = (LONGEST_PATTERN - 1) // 2
    parse("(" * depth + "A" + ")" * depth, KNOWN)
    with pytest.raises(InvalidInput, match="expected \\)"):
        parse("(" * LONGEST_PATTERN, KNOWN)
