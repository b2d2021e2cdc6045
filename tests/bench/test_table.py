from __future__ import annotations

import pytest

from bench.table import lay_out_table, markdown, put_between_marks


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


def test_what_servers_answer_is_told_by_clients_and_by_processes():
    ours = {"per_second": {"1": 6.05, "8": 7.17}, "resident_mib": [199.0, 234.0], "requests": 208}
    processes = {"count": 2, "clients": 8, "per_second": {"inkrow": 11.22}}
    table = lay_out_table(
        {
            "readers": {"inkrow": "Inkrow"},
            "machine": {"processor": "some", "cores": 2, "day": "today"},
            "load": {"readers": {"inkrow": ours}, "processes": processes},
        }
    )
    assert [line for line in table.splitlines() if "requests a second" in line] == [
        "| requests a second, 1 client | 6.0 |",
        "| requests a second, 8 clients | 7.2 |",
        "| requests a second, 8 clients, 2 processes | 11.2 |",
    ]
