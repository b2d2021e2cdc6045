from __future__ import annotations

import pytest

from bench.table import lay_out_summary, lay_out_table, markdown, put_between_marks


def _figures(**parts):
    return {"readers": {"inkrow": "Inkrow"}, "machine": {"processor": "some", "cores": 2, "day": "today"}, **parts}


_RATES = {"pages": 2, "inkrow": {"strict": 0.02, "folded": 0.01}}
_PAGES = {
    "error_rate": dict.fromkeys(("grids of one character", "joined writing", "all"), _RATES),
    "ms_by_megapixels": {"all": {"inkrow": {"median": 77.2, "p95": 318.4}}},
}
_LOAD = {
    "readers": {"inkrow": {"per_second": {"1": 6.05, "8": 7.17}, "resident_mib": [199.0, 234.0], "requests": 208}},
    "processes": {"count": 2, "clients": 8, "per_second": {"inkrow": 11.22}},
}


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
    table = lay_out_table(_figures(load=_LOAD))
    assert [line for line in table.splitlines() if "requests a second" in line] == [
        "| requests a second, 1 client | 6.0 |",
        "| requests a second, 8 clients | 7.2 |",
        "| requests a second, 8 clients, 2 processes | 11.2 |",
    ]


@pytest.mark.parametrize("number", [0, 3])
def test_large_photos_are_told_by_what_they_take_beyond_decoding_if_there_are_any(number):
    photos = {"number": number, "over_grey": {"inkrow": [0.98, 1.97, 2.46]} if number else {}}
    table = lay_out_table(_figures(pages=_PAGES | {"photos": photos}))
    assert ("| 2.0 (1.0 to 2.5) |" in table) == bool(number)


def test_the_summary_has_the_main_rows_of_the_table():
    figures = _figures(pages=_PAGES, load=_LOAD)
    assert lay_out_summary(figures).splitlines() == [
        "| strict / folded | Inkrow |",
        "| --- | --- |",
        "| error rate, joined writing (2) | 0.020 / 0.010 |",
        "| error rate, all (2) | 0.020 / 0.010 |",
        "| ms a page: median (95th percentile) | 77 (318) |",
        "| requests a second, 8 clients | 7.2 |",
        "| requests a second, 8 clients, 2 processes | 11.2 |",
        "",
        "some, 2 cores, today; `make bench` measures all of it anew.",
    ]


def test_the_summary_leaves_out_what_was_not_measured():
    assert "requests" not in lay_out_summary(_figures(pages=_PAGES))
