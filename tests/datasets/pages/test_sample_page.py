from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.datasets.pages.sample_page import Scene, draw_parts_label, draw_sample_page, draw_shopping_list, write_samples
from app.datasets.pens.hand import Hand
from app.errors import InvalidInput

SMALL = (240, 320)
EVEN = Scene(shade=0.0, grain=0.0)


def _page(seed: int, lines: tuple[str, ...] = ("TWO ROWS", "OF TEXT"), **options: object) -> np.ndarray:
    return draw_sample_page(lines, np.random.default_rng(seed), size_px=SMALL, **options)  # type: ignore[arg-type]


def _rows_of_ink(page: np.ndarray, paper: tuple[int, int, int]) -> int:
    """Bands of pixel rows with ink, parted by bands without."""
    inked = (np.abs(page.astype(int) - paper).max(axis=2) > 60).any(axis=1)
    return int(np.count_nonzero(np.diff(inked.astype(int), prepend=0) == 1))


def test_the_same_seed_gives_the_same_pixels():
    assert np.array_equal(_page(3), _page(3))
    assert not np.array_equal(_page(3), _page(4))


def test_a_page_has_the_size_asked_and_colour():
    page = _page(0)

    assert page.shape == (*SMALL, 3)
    assert page.dtype == np.uint8


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_page_has_the_rows_asked(count):
    page = _page(1, ("HAND PRINT",) * count, scene=EVEN)

    assert _rows_of_ink(page, EVEN.paper) == count


def test_an_empty_line_leaves_room_for_a_row():
    page = _page(1, ("ABOVE", "", "BELOW"), scene=EVEN)

    assert _rows_of_ink(page, EVEN.paper) == 2
    third = SMALL[0] // 3
    assert np.ptp(page[third + 15 : 2 * third - 15]) < 40


@pytest.mark.parametrize("lines", [("I",), ("A VERY LONG ROW OF HAND PRINT THAT HAS TO BECOME SMALL",), ("gjpqy",) * 9])
def test_ink_stays_on_the_page(lines):
    dark = _page(2, lines, scene=EVEN).min(axis=2) < 180

    assert dark.any()
    dark[4:-4, 4:-4] = False
    assert not dark.any()


def test_light_falls_off_by_the_shade_asked():
    page = _page(0, ("." * 40,), scene=Scene(paper=(240, 240, 240), grain=0.0, shade=0.5)).astype(float)

    assert page.max() == pytest.approx(240, abs=3)
    assert np.percentile(page, 0.5) == pytest.approx(120, abs=12)


def test_grain_roughens_the_paper():
    smooth, rough = (_page(0, (".",), scene=Scene(shade=0.0, grain=grain))[:60] for grain in (0.0, 4.0))

    assert smooth.std(axis=(0, 1)).max() < 1
    assert 2 < rough.std(axis=(0, 1)).max() < 8


def test_a_positive_angle_makes_the_rows_rise():
    page = _page(0, ("-" * 20,), hand=Hand(), scene=Scene(shade=0.0, grain=0.0, angle_deg=5.0))

    y, x = np.nonzero(page.min(axis=2) < 150)
    assert np.polyfit(x, y, 1)[0] == pytest.approx(-np.tan(np.radians(5.0)), abs=0.02)


@pytest.mark.parametrize("lines", [(), ("", "  ")])
def test_a_page_without_text_is_refused(lines):
    with pytest.raises(InvalidInput, match="at least one row"):
        _page(0, lines)


def test_the_list_is_dark_on_white_and_the_label_blue_on_beige():
    paper = {
        name: np.median(page, axis=(0, 1))
        for name, page in (("list", draw_shopping_list()), ("label", draw_parts_label()))
    }
    ink = draw_parts_label().reshape(-1, 3).astype(int)

    assert np.ptp(paper["list"]) < 25
    assert paper["label"][0] - paper["label"][2] > 40
    assert (ink[:, 2] - ink[:, 0]).max() > 60


def test_samples_come_with_what_is_on_them(tmp_path):
    write_samples(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {
        "shopping_list.jpg",
        "shopping_list.txt",
        "parts_label.png",
        "parts_label.txt",
    }
    assert (tmp_path / "shopping_list.txt").read_text().startswith("SHOPPING LIST\n2 LITRES OF MILK\n")
    assert (tmp_path / "shopping_list.jpg").stat().st_size < 300_000
    with Image.open(tmp_path / "parts_label.png") as label:
        assert np.array_equal(np.asarray(label), draw_parts_label())
