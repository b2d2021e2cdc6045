"""The tables of what was measured, one column for each reader, and the few rows that the README shows."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bench.grey import PHOTO_MEGAPIXELS
from bench.kinds import ALL
from bench.readers import FLOOR

Figures = Mapping[str, Any]

# What the README shows: these kinds of pages, and this many clients at once; `table.md` has all of them.
_MAIN_KINDS = (
    "the four photos of the original experiment",
    "block capitals, digits, form fields",
    "joined writing",
    ALL,
)
_MAIN_CLIENTS = "8"
_BEGIN, _END = "<!-- bench: begin -->\n", "<!-- bench: end -->\n"


def lay_out_table(figures: Figures) -> str:
    """Return the most important of what was measured, in Markdown."""
    titles = _titles(figures)
    tables = [
        markdown([head, *titles.values()], rows)
        for head, rows in (
            ("character error rate, strict / folded", list(_error_rates(figures, list(titles)))),
            ("time and memory", list(_time_and_memory(figures, list(titles)))),
        )
        if rows
    ]
    return "\n".join([*tables, _note(figures)])


def lay_out_summary(figures: Figures) -> str:
    """Return the main rows of that, in Markdown."""
    titles = _titles(figures)
    names = list(titles)
    rates = [[f"error rate, {what}", *rates] for what, *rates in _error_rates(figures, names, _MAIN_KINDS)]
    requests = [*_requests(figures, names, [_MAIN_CLIENTS]), *_requests_of_processes(figures, names)]
    rows = [*rates, *_page_times(figures, names), *requests]
    return f"{markdown(['strict / folded', *titles.values()], rows)}\n{_note(figures)}"


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


def _titles(figures: Figures) -> dict[str, str]:
    return {name: title for name, title in figures["readers"].items() if name != FLOOR}


def _note(figures: Figures) -> str:
    machine = figures["machine"]
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['day']}; `make bench` measures all of it anew.\n"
    )


def _error_rates(figures: Figures, names: Sequence[str], kinds: Container[str] | None = None) -> Iterator[list[str]]:
    """Give a row for each of some kinds of pages, or of all."""
    if pages := figures.get("pages"):
        for kind, rates in pages["error_rate"].items():
            if kinds is None or kind in kinds:
                title = f"{kind} ({rates['pages']})"
                yield [title, *(f"{rates[name]['strict']:.3f} / {rates[name]['folded']:.3f}" for name in names)]


def _page_times(figures: Figures, names: Sequence[str]) -> Iterator[list[str]]:
    if pages := figures.get("pages"):
        everywhere = pages["ms_by_megapixels"][ALL]
        yield ["ms a page: median (95th percentile)", *(times(everywhere, name) for name in names)]


def _photos(figures: Figures, names: Sequence[str]) -> Iterator[list[str]]:
    """Of real photos that are large, how much longer reading takes than decoding."""
    if (photos := figures.get("pages", {}).get("photos")) and photos["number"]:
        which = f"{photos['number']} of these, {PHOTO_MEGAPIXELS} megapixels and more"
        spreads = (photos["over_grey"][name] for name in names)
        cells = [f"{middle:.1f} ({least:.1f} to {most:.1f})" for least, middle, most in spreads]
        yield [f"{which}: times what Pillow takes to make one grey, median (least to most)", *cells]


def _time_and_memory(figures: Figures, names: Sequence[str]) -> Iterator[list[str]]:
    yield from _page_times(figures, names)
    yield from _photos(figures, names)
    if speed := figures.get("speed"):
        photo = speed["photo_ms"]
        alone = f"Pillow takes {speed['photo_to_grey_ms']:.0f} to make it grey, {photo[FLOOR]:.0f} at its fastest"
        title = f"a drawn photo of {PHOTO_MEGAPIXELS} megapixels, ms; {alone}"
        yield [title, *(f"{photo[name]:.0f}" for name in names)]
    if load := figures.get("load"):
        yield from _requests(figures, names, next(iter(load["readers"].values()))["per_second"])
        yield from _requests_of_processes(figures, names)
        yield from _server_memory(load, names)
    if memory := figures.get("memory"):
        title = f"after {memory['requests'][-1]} mixed requests, MiB"
        yield [title, f"{memory['resident_mib'][-1]:.0f}", *[""] * (len(names) - 1)]
    if startup := figures.get("startup"):
        yield ["from start to the first page read, s", *(f"{startup[name]['first_page_s']:.1f}" for name in names)]
        yield ["from start to a server that is ready, s", *(f"{startup[name]['ready_s']:.1f}" for name in names)]


def _requests(figures: Figures, names: Sequence[str], numbers: Iterable[str]) -> Iterator[list[str]]:
    """Give a row for each of these numbers of clients."""
    if load := figures.get("load"):
        for clients in numbers:
            title = f"requests a second, {count_of_clients(clients)}"
            yield [title, *(f"{load['readers'][name]['per_second'][clients]:.1f}" for name in names)]


def count_of_clients(number: str) -> str:
    """Return "1 client", "2 clients" and so on."""
    return f"{number} client{'' if number == '1' else 's'}"


def _requests_of_processes(figures: Figures, names: Sequence[str]) -> Iterator[list[str]]:
    if load := figures.get("load"):
        of_all = load["processes"]
        title = f"requests a second, {of_all['clients']} clients, {of_all['count']} processes"
        yield [title, *(f"{of_all['per_second'][name]:.1f}" for name in names)]


def _server_memory(load: Figures, names: Sequence[str]) -> Iterator[list[str]]:
    readers = [load["readers"][name] for name in names]
    yield ["resident memory after the start, MiB", *(f"{of['resident_mib'][0]:.0f}" for of in readers)]
    after = [f"{of['resident_mib'][1]:.0f} ({of['requests']})" for of in readers]
    yield ["after all of these (number of requests), MiB", *after]
