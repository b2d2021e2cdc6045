"""Inkrow beside its rivals on whole pages: ``make bench``.

Everything is measured in one run, and everybody is asked in turns, so that whatever else the machine does hits all
alike. Rivals run at their best: warm, with models loaded once, their words sorted into rows.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from app.training import find_pages
from bench.growth import measure_growth
from bench.hard_images import measure_hard_images
from bench.load import measure_load
from bench.machine import describe_machine
from bench.memory import measure_memory
from bench.pages import measure_pages
from bench.plots import draw_plots
from bench.readers import FLOOR, OURS
from bench.report import lay_out_report
from bench.start_up import measure_start_up
from bench.table import lay_out_summary, lay_out_table, put_between_marks
from bench.workers import ROOT, Worker, present_rivals, started

_PARTS = ("startup", "pages", "speed", "hard", "load", "memory")
_IMAGE_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"}


def main() -> None:
    """Measure, and write what came of it: ``figures.json``, ``table.md``, ``report.md`` and plots."""
    # Before anything starts: one product of ours has one thread, and whoever counts threads counts alike.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    arguments = _parse()
    figures = _measure(arguments)
    output: Path = arguments.output
    output.mkdir(parents=True, exist_ok=True)
    (output / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    table = lay_out_table(figures)
    (output / "table.md").write_text(table, encoding="utf-8")
    (output / "report.md").write_text(lay_out_report(figures), encoding="utf-8")
    draw_plots(figures, output)
    if arguments.readme:
        readme = ROOT / "README.md"
        page = put_between_marks(readme.read_text(encoding="utf-8"), lay_out_summary(figures))
        readme.write_text(page, encoding="utf-8")
    print(f"\n{table}\nAll of it: {output / 'report.md'}")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pages", type=Path, default=ROOT / "samples", help="images with a .txt beside each")
    parser.add_argument("--hard", type=Path, help="images that need only be survived")
    parser.add_argument("--only", choices=_PARTS, action="append", help="a part of it; repeatable")
    parser.add_argument("--rivals", nargs="*", choices=present_rivals(), default=present_rivals())
    parser.add_argument("--turns", type=int, default=2, help="how often everybody reads each page")
    parser.add_argument("--output", type=Path, default=ROOT / "bench" / "results", help="folder for what was measured")
    parser.add_argument("--readme", action="store_true", help="put its main rows into README.md, too")
    return parser.parse_args()


def _measure(arguments: argparse.Namespace) -> dict[str, Any]:
    pages, names = find_pages([arguments.pages]), [OURS, *arguments.rivals]
    hard = _images(arguments.hard) if arguments.hard else []
    smallest = min(pages, key=lambda image: image.stat().st_size)
    with started([*names, FLOOR], smallest) as workers, TemporaryDirectory() as scratch:
        readers: dict[str, Worker] = {name: workers[name] for name in names}
        parts: dict[str, Callable[[], Any]] = {
            "startup": lambda: measure_start_up(names, smallest, arguments.turns + 1),
            "pages": lambda: measure_pages(pages, workers, arguments.turns),
            "speed": lambda: measure_growth(workers, arguments.turns, Path(scratch)),
            "hard": lambda: measure_hard_images(hard, readers) if hard else None,
            "load": lambda: measure_load(pages, names),
            "memory": lambda: measure_memory([*pages, *hard]),
        }
        titles = {name: worker.title for name, worker in workers.items()}
        return {
            "machine": describe_machine(),
            "readers": titles,
            **{part: _noted(part, parts[part]) for part in _PARTS if part in (arguments.only or _PARTS)},
        }


def _noted(part: str, measure: Callable[[], Any]) -> Any:
    print(f"{part} ...", end=" ", flush=True)
    start = perf_counter()
    measured = measure()
    print(f"{perf_counter() - start:.0f} s", flush=True)
    return measured


def _images(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in _IMAGE_SUFFIXES)


if __name__ == "__main__":
    main()
