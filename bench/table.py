"""The table that the README shows: one column for each reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.growth import PHOTO_MEGAPIXELS
from bench.kinds import ALL
from bench.readers import FLOOR

Figures = Mapping[str, Any]

_BEGIN, _END = "<!-- bench: begin -->\n", "<!-- bench: end -->\n"


def lay_out_table(figures: Figures) -> str:
    """Return the most important of what was measured, in Markdown."""
    titles = {name: title for name, title in figures["readers"].items() if name != FLOOR}
    machine = figures["machine"]
    tables = [
        markdown([head, *titles.values()], rows)
        for head, rows in (
            ("character error rate, strict / folded", list(_error_rates(figures, list(titles)))),
            ("time and memory", list(_time_and_memory(figures, list(titles)))),
        )
        if rows
    ]
    note = f"{machine['processor']}, {machine['cores']} cores, {machine['day']}; `make bench` measures all of it anew."
    return "\n".join([*tables, f"{note}\n"])


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def put_between_marks(page: str, table: str) -> str:
    """Return the page with the table in place of whatever stands between the two marks for it."""
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError(f"expected the lines {_BEGIN.strip()} and {_END.strip()}")
    return f"{before}{begin}{table}{end}{after}"


def times(figures: Figures, name: str) -> str:
    """Return a median and the 95th percentile, in milliseconds."""
    return f"{figures[name]['median']:.0f} ({figures[name]['p95']:.0f})"


def _error_rates(figures: Figures, names: Sequence[str]) -> Iterator[list[str]]:
    if pages := figures.get("pages"):
        for kind, rates in pages["error_rate"].items():
            title = f"{kind} ({rates['pages']})"
            yield [title, *(f"{rates[name]['strict']:.3f} / {rates[name]['folded']:.3f}" for name in names)]


def _time_and_memory(figures: Figures, names: Sequence[str]) -> Iterator[list[str]]:
    if pages := figures.get("pages"):
        everywhere = pages["ms_by_megapixels"][ALL]
        yield ["ms a page: median (95th percentile)", *(times(everywhere, name) for name in names)]
    if speed := figures.get("speed"):
        photo = speed["photo_ms"]
        title = f"a {PHOTO_MEGAPIXELS}-megapixel photo, ms; decoding alone {photo[FLOOR]:.0f}"
        yield [title, *(f"{photo[name]:.0f}" for name in names)]
    if load := figures.get("load"):
        yield from _behind_http(load, names)
    if memory := figures.get("memory"):
        title = f"after {memory['requests'][-1]} mixed requests, MiB"
        yield [title, f"{memory['resident_mib'][-1]:.0f}", *[""] * (len(names) - 1)]
    if startup := figures.get("startup"):
        yield ["from start to the first page read, s", *(f"{startup[name]['first_page_s']:.1f}" for name in names)]
        yield ["from start to a server that is ready, s", *(f"{startup[name]['ready_s']:.1f}" for name in names)]


def _behind_http(load: Figures, names: Sequence[str]) -> Iterator[list[str]]:
    readers = [load["readers"][name] for name in names]
    for clients in readers[0]["per_second"]:
        title = f"requests a second, {clients} {'client' if clients == '1' else 'clients'}"
        yield [title, *(f"{of['per_second'][clients]:.1f}" for of in readers)]
    of_all = load["processes"]
    title = f"requests a second, {of_all['clients']} clients, {of_all['count']} processes"
    yield [title, *(f"{of_all['per_second'][name]:.1f}" for name in names)]
    yield ["resident memory after the start, MiB", *(f"{of['resident_mib'][0]:.0f}" for of in readers)]
    after = [f"{of['resident_mib'][1]:.0f} ({of['requests']})" for of in readers]
    yield ["after all of these (number of requests), MiB", *after]
