"""All that was measured, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bench.readers import FLOOR
from bench.table import Figures, count_of_clients, lay_out_table, markdown, times


def lay_out_report(figures: Figures) -> str:
    """Return the table and, part by part, what stands behind it."""
    titles = figures["readers"]
    parts = ["# Inkrow beside its rivals\n", lay_out_table(figures)]
    for part, lay_out in (
        ("pages", _pages),
        ("speed", _speed),
        ("load", _load),
        ("memory", _memory),
        ("hard", _hard),
    ):
        if figures.get(part):
            parts += lay_out(figures[part], titles)
    return "\n".join(parts)


def _pages(pages: Figures, titles: Mapping[str, str]) -> Iterator[str]:
    readers = {name: title for name, title in titles.items() if name != FLOOR}
    yield "## Character error rate by kind of page\n"
    yield "![by kind of page](error_rate.svg)\n"
    yield "Edits over characters, summed over the pages of a row: strict / folded / shape.\n"
    yield markdown(
        ["pages", "number", *readers.values()],
        [
            [kind, str(rates["pages"]), *(" / ".join(f"{rates[name][f]:.4f}" for f in _SHOWN) for name in readers)]
            for kind, rates in pages["error_rate"].items()
        ],
    )
    for title, key in (("megapixels", "ms_by_megapixels"), ("glyphs", "ms_by_glyphs")):
        yield f"## Milliseconds a page by {title}: median (95th percentile)\n"
        yield markdown(
            [title, "pages", *titles.values()],
            [
                [group, str(spread["pages"]), *(times(spread, name) for name in titles)]
                for group, spread in pages[key].items()
            ],
        )
    yield "## Where our time goes\n"
    yield "![by stage](stages.svg)\n"
    yield markdown(
        ["stage", "median, ms", "share of all time"],
        [
            [stage, f"{figures['median']:.1f}", f"{figures['share']:.0%}"]
            for stage, figures in pages["stages_ms"].items()
        ],
    )


_SHOWN = ("strict", "folded", "shape")


def _speed(speed: Figures, titles: Mapping[str, str]) -> Iterator[str]:
    yield "## How time grows\n"
    for key, unit, what in (
        ("megapixels", "megapixel", "One drawn page, scaled to many sizes."),
        ("glyphs", "glyph", "Drawn pages of one size, with more and more on them."),
    ):
        yield f"{what} ms = intercept + slope x {key}; R² is the share of the variance that the line explains.\n"
        yield f"![time by {key}](time_by_{key}.svg)\n"
        lines = {name: speed[key]["readers"][name]["line"] for name in titles}
        yield markdown(
            ["", f"slope, ms a {unit}", "intercept, ms", "R²", *(f"{x:g} {key}, ms" for x in speed[key]["x"])],
            [
                [
                    title,
                    f"{lines[name]['slope']:.2f}",
                    f"{lines[name]['intercept']:.1f}",
                    f"{lines[name]['r2']:.3f}",
                    *(f"{ms:.0f}" for ms in speed[key]["readers"][name]["ms"]),
                ]
                for name, title in titles.items()
            ],
        )


def _load(load: Figures, titles: Mapping[str, str]) -> Iterator[str]:
    yield "## Behind HTTP\n"
    yield "![requests a second](requests_per_second.svg)\n"
    yield f"All are sent {', '.join(f'`{name}`' for name in load['mix'])}, equally often.\n"
    clients = list(next(iter(load["readers"].values()))["per_second"])
    yield markdown(
        ["requests a second; ms until the answer: median (95th percentile)", *map(count_of_clients, clients)],
        [
            [titles[name], *(f"{of['per_second'][n]:.2f}; {times(of['ms'], n)}" for n in clients)]
            for name, of in load["readers"].items()
        ],
    )
    of_all = load["processes"]
    each = ", ".join(f"{titles[name]} {value:.2f}" for name, value in of_all["per_second"].items())
    setting = f"{of_all['count']} processes, one for each core, and {of_all['clients']} clients"
    yield f"Requests a second with {setting}: {each}.\n"
    for name, of in load["readers"].items():
        if wrong := of["wrong"] + of_all["wrong"][name]:
            yield f"{titles[name]}: {len(wrong)} wrong answers, such as: {wrong[0]}\n"


def _memory(memory: Figures, titles: Mapping[str, str]) -> Iterator[str]:
    yield "## Our memory over mixed requests\n"
    yield "![memory](memory.svg)\n"
    mib, requests = memory["resident_mib"], memory["requests"]
    yield (
        f"{mib[0]:.0f} MiB after the start, {mib[-1]:.0f} MiB after {requests[-1]} requests. Over the second half the "
        f"straight line through it rises by {memory['slope']:.1f} MiB a thousand requests; most less least: "
        f"{memory['spread']:.1f} MiB. Wrong answers: {len(memory['wrong'])}.\n"
    )


def _hard(hard: dict[str, Any], titles: Mapping[str, str]) -> Iterator[str]:
    yield "## Images that are not hand print\n"
    yield markdown(
        [f"{hard['images']} images", "failed", "slowest, ms", "which"],
        [
            [titles[name], str(len(of["failed"])), f"{of['slowest_ms']:.0f}", f"`{of['slowest']}`"]
            for name, of in hard["readers"].items()
        ],
    )
