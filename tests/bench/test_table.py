from __future__ import annotations

import pytest

from bench.table import markdown, put_between_marks


def test_the_table_takes_the_place_of_what_stands_between_the_marks():
    page = "before\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter\n"
    once = put_between_marks(page, "new\n")
    assert once == "before\n<!-- bench: begin -->\nnew\n<!-- bench: end -->\nafter\n"
    assert put_between_marks(once, "new\n") == once


@pytest.mark.parametrize("page", ["", "<!-- bench: begin -->\n", "<!-- bench: end -->\n<!-- bench: begin -->\n"])
def test_a_page_without_both_marks_is_refused(page):
    with pytest.raises(ValueError, match="expected the lines"):
        put_between_marks(page, "new\n")


def test_a_table_has_a_rule_below_its_head():
    assert markdown(["", "a"], [["row", "1"]]) == "|  | a |\n| --- | --- |\n| row | 1 |\n"
