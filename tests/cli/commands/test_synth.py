from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from app.datasets import describe_knobs
from app.training import find_pages

SMALL = ("--set", "size_px=12")


def test_each_page_has_its_image_its_transcription_and_its_truth(inkrow, tmp_path):
    result = inkrow("synth", "pages", str(tmp_path / "a"), "-n", "2", "--seed", "3", *SMALL)
    assert result.exit_code == 0, result.output
    assert f"2 pages in {tmp_path / 'a'}" in result.stdout
    assert result.stderr == ""  # no bar where nobody sees one
    images = find_pages([tmp_path / "a"])
    assert [image.name for image in images] == ["page_0000.jpg", "page_0001.jpg"]
    for number, image in enumerate(images):
        truth = json.loads(image.with_suffix(".json").read_text())
        assert image.with_suffix(".txt").read_text() == f"{truth['text']}\n"
        assert "\n".join(row["text"] for row in truth["rows"]) == truth["text"]
        with Image.open(image) as opened:
            assert opened.size == (truth["page"]["width"], truth["page"]["height"])
        assert (truth["seed"], truth["number"], truth["knobs"]["size_px"]) == (3, number, 12)


def test_a_page_is_the_same_whatever_their_number(inkrow, tmp_path):
    for folder, number in (("a", "1"), ("b", "2")):
        assert inkrow("synth", "pages", str(tmp_path / folder), "-n", number, *SMALL).exit_code == 0
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


def test_kinds_papers_knobs_and_format_are_as_asked(inkrow, tmp_path):
    options = ["--kind", "codes", "--paper", "ruled", "--set", "blur=0.1..0.2", "--format", "png", *SMALL]
    assert inkrow("synth", "pages", str(tmp_path), "-n", "1", *options).exit_code == 0
    truth = json.loads((tmp_path / "page_0000.json").read_text())
    assert (truth["kind"], truth["paper"]) == ("codes", "ruled")
    assert 0.1 <= truth["knobs"]["blur"] <= 0.2
    with Image.open(tmp_path / "page_0000.png") as image:
        assert image.format == "PNG"


def test_people_of_a_data_set_write(inkrow, workplace: Path):
    result = inkrow("synth", "pages", "drawn", "-n", "1", "--data", "unipen", "--split", "valid", *SMALL)
    assert result.exit_code == 0, result.output
    assert set(Path("drawn/page_0000.txt").read_text()) <= set("0O1IA \n")


@pytest.mark.parametrize(
    "options, code, says",
    [
        (["--set", "blur"], 3, "expected KNOB=VALUE or KNOB=LOW..HIGH, got 'blur'"),
        (["--set", "blur=a"], 3, "--set blur: expected a number or LOW..HIGH, got 'a'"),
        (["--set", "blurr=1"], 3, "got 'blurr'"),
        (["--set", "contrast=2"], 3, "within 0.01 to 1"),
        (["--kind", "poem"], 3, "got poem"),
        (["--data", "nothing"], 4, "nothing"),
        (["--data", "mnist"], 4, "mnist"),
        (["-n", "0"], 2, ""),
    ],
)
def test_what_cannot_be_drawn_is_said(inkrow, workplace, options, code, says):
    result = inkrow("synth", "pages", "drawn", *options)
    assert result.exit_code == code
    assert says in result.output


def test_every_knob_is_listed_with_its_range(inkrow):
    result = inkrow("synth", "knobs")
    assert result.exit_code == 0
    for knob in describe_knobs():
        (line,) = (line for line in result.stdout.splitlines() if line.split()[:1] == [knob.name])
        assert f"{knob.usual.low:g}..{knob.usual.high:g}" in line
        assert knob.meaning in line


def test_a_file_in_the_place_of_the_folder_is_told(inkrow, tmp_path):
    (tmp_path / "drawn").write_text("a file")
    result = inkrow("synth", "pages", str(tmp_path / "drawn"))
    assert (result.exit_code, result.stdout) == (3, "")
    assert f"expected a folder for the output, got the file {tmp_path / 'drawn'}" in result.stderr
