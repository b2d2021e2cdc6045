"""Error rates of whole pages: what counts as an error, and what is averaged over what."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.errors import NotFound
from app.training import FIGURES, PageScore, find_pages, score_page, summarise
from app.training.measuring.pages import edit_distance, folded, shape, strict
from tests.conftest import skip_or_fail

# What pages are made of, and what makes folding difficult: shapes that are shared, letters whose capital is two, an
# accent as a sign of its own, white space of many kinds.
SIGNS = [*"AaBbIl10Oo5Sß9é,.-'!", "e\u0301", "ﬁ", "İ", "²", "木", "😀", " ", "  ", "\n", "\t", "\u00a0"]


def _random_text(rng):
    return "".join(rng.choice(SIGNS, rng.integers(0, 25)))


def _read_what_it_says(source):
    """Stand in for a reader: the "image" holds what is read on it."""
    return SimpleNamespace(text=source.decode())


@pytest.fixture
def page(tmp_path):
    """Write a page: ``page(truth, read, name)``."""

    def write(truth, read="", name="page.png"):
        image = tmp_path / name
        image.write_bytes(read.encode())
        image.with_suffix(".txt").write_text(truth, encoding="utf-8")
        return image

    return write


@pytest.fixture
def scorer(shared_dir):
    """Give the script that scores other programs on the measurement pages."""
    script = shared_dir / "tools" / "score_pages.py"
    if not script.is_file():
        skip_or_fail(f"there is no {script}")
    return script


# What counts


@pytest.mark.parametrize(
    "text, by_strict, by_folded, by_shape",
    [
        ("TO DO\nLIST", "TO DO LIST", "TODOLIST", "TODOLIST"),
        ("  a \t\n\n b  ", "a b", "AB", "AB"),
        ("Call 017, Bill!", "Call 017, Bill!", "CALL017BILL", "CAIIOI7BIII"),
        ("L", "L", "L", "L"),
        ("cafe\u0301", "café", "CAFÉ", "CAFÉ"),
        ("...", "...", "", ""),
        ("", "", "", ""),
    ],
)
def test_figures_of_typed_texts(text, by_strict, by_folded, by_shape):
    assert strict(text) == by_strict
    assert folded(text) == by_folded
    assert shape(text) == by_shape
    assert list(FIGURES) == ["strict", "folded", "shape"]


@pytest.mark.parametrize(
    "truth, read, edits",
    [
        ("", "", 0),
        ("abc", "abc", 0),
        ("", "abc", 3),
        ("abc", "", 3),
        ("kitten", "sitting", 3),
        ("flaw", "lawn", 2),
        ("AB", "BA", 2),
    ],
)
def test_edits_of_typed_words(truth, read, edits):
    assert edit_distance(truth, read) == edits
    assert edit_distance(read, truth) == edits


def test_edits_are_the_fewest_there_are(rng):
    @cache
    def fewest(a, b):
        if not a or not b:
            return len(a) + len(b)
        return min(fewest(a[1:], b) + 1, fewest(a, b[1:]) + 1, fewest(a[1:], b[1:]) + (a[0] != b[0]))

    for _ in range(60):
        a, b = ("".join(rng.choice(list("abc"), rng.integers(0, 8))) for _ in range(2))
        assert edit_distance(a, b) == fewest(a, b)


def test_figures_are_those_of_the_script_that_scores_other_programs(scorer, rng):
    theirs = runpy.run_path(str(scorer))
    for _ in range(300):
        text, other = _random_text(rng), _random_text(rng)
        assert {name: fold(text) for name, fold in FIGURES.items()} == {
            name: fold(text) for name, fold in theirs["FIGURES"].items()
        }
        assert edit_distance(text, other) == theirs["edit_distance"](text, other)


def test_scores_are_those_of_the_script_that_scores_other_programs(scorer, page, tmp_path, rng):
    for number in range(12):
        page(_random_text(rng), _random_text(rng), f"{number:02}.png")
    page("A B C\nD E", "ABC D", "grid.jpg")
    command = [sys.executable, str(scorer), str(tmp_path), "--cmd", "cat {}", "--json", str(tmp_path / "scores.json")]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
    theirs = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
    scores = [score_page(image, _read_what_it_says) for image in find_pages([tmp_path])]
    assert [score.image.name for score in scores] == [row["page"] for row in theirs]
    for score, row in zip(scores, theirs, strict=True):
        assert {f"{name}_edits": score.edits[name] for name in FIGURES}.items() <= row.items()
        assert {f"{name}_chars": score.chars[name] for name in FIGURES}.items() <= row.items()
    summary = summarise(scores)
    for name in FIGURES:
        assert f"{name} CER {summary.error_rate[name]:.4f} (mean of pages {summary.mean_of_pages[name]:.4f})" in told


# Finding pages


def test_a_folder_gives_its_images_with_a_transcription_in_order(page, tmp_path):
    for name in ("b.PNG", "a.jpg", "c.webp", "d.tif", "e.jpeg", "f.tiff"):
        page("x", name=name)
    page("x", name="notes.pdf")
    (tmp_path / "untold.png").write_bytes(b"")
    (tmp_path / "inside").mkdir()
    assert [path.name for path in find_pages([tmp_path])] == ["a.jpg", "b.PNG", "c.webp", "d.tif", "e.jpeg", "f.tiff"]


def test_images_and_folders_may_be_named_together(page, tmp_path):
    image = page("x")
    assert find_pages([image, tmp_path]) == [image, image]


@pytest.mark.parametrize("name", ["untold.png", "."])
def test_no_page_with_a_transcription_is_an_error_that_names_the_places(tmp_path, name):
    (tmp_path / "untold.png").write_bytes(b"")
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(NotFound) as refusal:
        find_pages([tmp_path / name, tmp_path / "elsewhere"])
    assert str(tmp_path / name) in refusal.value.detail
    assert str(tmp_path / "elsewhere") in refusal.value.detail


def test_a_place_that_is_not_there_is_named(tmp_path):
    with pytest.raises(NotFound, match="expected folders or images, got nodir, which is not there"):
        find_pages([tmp_path, Path("nodir")])


def test_no_place_at_all_is_an_error():
    with pytest.raises(NotFound):
        find_pages([])


# Scoring


def test_a_score_counts_edits_and_characters(page):
    image = page("Call Bill 07\nNOW!", "Call Bi11 O7\nNOW")
    score = score_page(image, _read_what_it_says)
    assert score.text == "Call Bi11 O7\nNOW"
    assert score.edits == {"strict": 4, "folded": 3, "shape": 0}
    assert score.chars == {"strict": 17, "folded": 13, "shape": 13}
    assert score.error_rate("strict") == pytest.approx(4 / 17)
    assert score.ms >= 0


def test_spaces_do_not_count_among_single_characters_set_apart(page):
    assert score_page(page("A B\nC D", "AB CD"), _read_what_it_says).edits["strict"] == 0
    assert score_page(page("A B\nC DE", "AB CDE"), _read_what_it_says).edits["strict"] == 2


def test_a_page_without_text_counts_what_was_read_on_it(page):
    score = score_page(page("", "Il"), _read_what_it_says)
    assert score.chars == {"strict": 0, "folded": 0, "shape": 0}
    assert score.error_rate("strict") == 2.0


def _score(edits, chars, ms):
    page = SimpleNamespace(text="")
    return PageScore(Path("x.png"), page, "", dict.fromkeys(FIGURES, edits), dict.fromkeys(FIGURES, chars), ms)


def test_a_summary_weighs_characters_and_pages():
    summary = summarise([_score(1, 10, 5.0), _score(0, 80, 50.0), _score(30, 10, 7.0)])
    assert summary.pages == 3
    assert summary.error_rate == dict.fromkeys(FIGURES, pytest.approx(31 / 100))
    assert summary.mean_of_pages == dict.fromkeys(FIGURES, pytest.approx((0.1 + 0.0 + 1.0) / 3))  # each at most 1
    assert summary.median_ms == 7.0
