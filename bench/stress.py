"""Character error rate against one knob of the pages at a time: ``make bench-stress``.

Everybody reads the same pages, and along a curve they are the same but for that knob: same people, same words.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tqdm import tqdm

from app.datasets import PageVariation, PageWriters, SyntheticPage, draw_page, load_page_writers
from app.training import FIGURES, PageScore, summarise
from bench.machine import describe_machine
from bench.pages import score_reading
from bench.readers import OURS
from bench.stress_plot import draw_curves
from bench.workers import ROOT, Worker, present_rivals, read_in_turns, started

CURVES: dict[str, tuple[float, ...]] = {
    "blur": (0.0, 0.03, 0.06, 0.09, 0.12, 0.18),
    "contrast": (0.8, 0.4, 0.2, 0.14, 0.1, 0.06),
    "slant_deg": (-40.0, -20.0, 0.0, 20.0, 40.0, 55.0),
    "size_px": (80.0, 40.0, 24.0, 16.0, 11.0, 8.0),
    "noise": (0.0, 8.0, 16.0, 22.0, 28.0, 40.0),
    "spacing": (-0.15, -0.05, 0.05, 0.2, 0.5, 1.0),
    "rotation_deg": (0.0, 3.0, 7.0, 15.0, 90.0, 180.0),
}
KINDS = ("note", "capitals", "codes")  # a page of each in turn


@dataclass(frozen=True)
class Series:
    """Which pages are read.

    Attributes
    ----------
    writers : who writes them
    pages : number of pages at each value of a knob
    seed : of all of them
    """

    writers: PageWriters
    pages: int
    seed: int

    def draw(self, knob: str, value: float, number: int) -> SyntheticPage:
        """Draw one of the pages."""
        variation = PageVariation(kinds=(KINDS[number % len(KINDS)],)).turned(**{knob: value})
        return draw_page(self.writers, variation, self.seed, number)


def measure_curves(
    workers: Mapping[str, Worker], series: Series, curves: Mapping[str, Sequence[float]], folder: Path
) -> dict[str, Any]:
    """Let everybody read all pages.

    Returns
    -------
    dict with by knob the ``values``; a digest of what was ``written`` by whom; and by reader and figure the
    ``error_rate`` at each value
    """
    total = series.pages * sum(map(len, curves.values()))
    with tqdm(total=total, unit="page", dynamic_ncols=True) as bar:
        return {
            knob: _measure_curve(workers, series, knob, values, folder, bar.update) for knob, values in curves.items()
        }


def _measure_curve(
    workers: Mapping[str, Worker],
    series: Series,
    knob: str,
    values: Sequence[float],
    folder: Path,
    on_page: Callable[[], object],
) -> dict[str, Any]:
    written = hashlib.sha256()
    rates: dict[str, dict[str, list[float]]] = {name: {figure: [] for figure in FIGURES} for name in workers}
    for value in values:
        scores: dict[str, list[PageScore]] = {name: [] for name in workers}
        for number in range(series.pages):
            page = series.draw(knob, value, number)
            written.update(f"{page.writer}\n{page.text}\n\n".encode())
            image = _save(page, folder / f"{number}.jpg")
            [timed] = read_in_turns(workers, [image], turns=1)
            for name, read in timed.items():
                scores[name].append(score_reading(image, read))
            on_page()
        for name, of_reader in scores.items():
            for figure, rate in summarise(of_reader).error_rate.items():
                rates[name][figure].append(rate)
    return {"values": list(values), "written": f"sha256:{written.hexdigest()}", "error_rate": rates}


def _save(page: SyntheticPage, image: Path) -> Path:
    image.write_bytes(page.encoded("jpg"))
    image.with_suffix(".txt").write_text(f"{page.text}\n", encoding="utf-8")
    return image


def keep_others(measured: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Add what was measured before and not now: other readers, other knobs.

    Raises
    ------
    ValueError : the figures do not belong together: of other pages, or of another version of a reader.
    """
    readers, curves = before["readers"] | measured["readers"], dict(before["curves"])
    for knob, curve in measured["curves"].items():
        rates = before["curves"].get(knob, curve)["error_rate"] | curve["error_rate"]
        if rates.keys() != curve["error_rate"].keys() and any(
            curve[what] != before["curves"][knob][what] for what in ("values", "written")
        ):
            raise ValueError(f"{knob}: others read other pages; measure everybody anew, without --only")
        curves[knob] = {**curve, "error_rate": rates}
    changed = {name for name, title in before["readers"].items() if readers[name] != title}
    if changed and before["curves"].keys() - measured["curves"].keys():
        raise ValueError(f"{', '.join(sorted(changed))} is another version now; measure all knobs, without --knob")
    return {**measured, "readers": readers, "curves": curves}


def main() -> None:
    """Measure, and write ``stress.json`` and the plot ``stress.svg``."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    arguments = _parse()
    output: Path = arguments.output
    file = output / "stress.json"
    writers = load_page_writers(arguments.data, "valid", arguments.data_root)
    series = Series(writers, arguments.pages, arguments.seed)
    curves = {knob: CURVES[knob] for knob in arguments.knob or CURVES}
    names = arguments.only or [OURS, *present_rivals()]
    with TemporaryDirectory() as scratch:
        warm_up = _save(series.draw("blur", 0.0, 0), Path(scratch) / "warm_up.jpg")
        with started(names, warm_up) as workers:
            figures = {
                "machine": describe_machine(),
                "data": arguments.data,
                "pages": arguments.pages,
                "seed": arguments.seed,
                "readers": {name: worker.title for name, worker in workers.items()},
                "curves": measure_curves(workers, series, curves, Path(scratch)),
            }
    if file.is_file() and (arguments.only or arguments.knob):
        figures = keep_others(figures, json.loads(file.read_text(encoding="utf-8")))
    output.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    draw_curves(figures, output)
    print(f"{file} and stress.svg beside it, on pages by the writers of {arguments.data}")


def _parse() -> argparse.Namespace:
    shared = ROOT.parent / "shared" / "data"
    is_there = (shared / "unipen").is_dir()
    parser = argparse.ArgumentParser(prog="make bench-stress", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", default="unipen" if is_there else "synthetic", help="whose writing")
    parser.add_argument("--data-root", type=Path, default=shared, help="folder of all data sets")
    parser.add_argument("--pages", type=int, default=len(KINDS), help="pages at each value of a knob")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--only", choices=[OURS, *present_rivals()], action="append", help="a reader; others keep their figures"
    )
    parser.add_argument("--knob", choices=CURVES, action="append", help="a knob; others keep their figures")
    parser.add_argument("--output", type=Path, default=ROOT / "bench" / "results", help="folder for what was measured")
    return parser.parse_args()


if __name__ == "__main__":
    main()
