"""A language from a list of words to the model that serves."""

from __future__ import annotations

import re

import numpy as np
import pytest

WORDS = ("--source", "made up", "--licence", "none")


@pytest.fixture
def words(workplace):
    (workplace / "words.txt").write_text("hello 5\nworld 3\nroad 2\n")
    return "words.txt"


def test_a_language_is_built_published_and_shown(inkrow, words):
    built = inkrow("build-language", words, *WORDS, "--promote")
    assert built.exit_code == 0, built.output
    assert built.stdout.startswith("published english 1 sha256:")
    assert "bits_a_letter" in built.stdout
    shown = inkrow("models", "list").stdout
    assert "english/1" in shown
    assert "champion" in shown


def test_it_may_have_another_name_and_waits_if_not_promoted(inkrow, words):
    assert inkrow("build-language", words, *WORDS, "--name", "parts").stdout.startswith("published parts 1")
    assert "champion" not in inkrow("models", "list").stdout


def test_pairs_of_words_make_it_larger(inkrow, words, workplace):
    (workplace / "pairs.txt").write_text("hello world 4\n")
    for more in ((), ("--pairs", "pairs.txt")):
        built = inkrow("build-language", words, *more, *WORDS)
        assert built.exit_code == 0, built.output
    without, with_pairs = (workplace / "models" / "english" / number / "model.safetensors" for number in "12")
    assert without.stat().st_size < with_pairs.stat().st_size


def test_what_was_taken_and_left_out_is_told(inkrow, words, workplace):
    (workplace / "more.txt").write_text("hello 5\nHello 2\nnaïve 3\nabc1 2\nworld 1\n")
    (workplace / "pairs.txt").write_text("hello world 4\nhello there 2\n")
    lines = inkrow("build-language", "more.txt", "--pairs", "pairs.txt", *WORDS).stdout.splitlines()
    assert lines[-2:] == [
        "more.txt: words taken 2, lines left out 2",
        "pairs.txt: pairs taken 1, lines left out 1",
    ]
    assert inkrow("build-language", words, *WORDS).stdout.endswith("words.txt: words taken 3, lines left out 0\n")


def test_the_examples_make_what_they_read_with_and_leave_english_alone(inkrow):
    shown = inkrow("build-language", "--help").stdout.partition("Examples:")[2]
    calls = [line for line in shown.splitlines() if "build-language" in line]
    assert calls
    assert all("--name" in call for call in calls)
    [wanted] = re.findall(r"INKROW_LANGUAGE_MODEL=(\w+)", shown)
    assert any(f"--name {wanted} " in call and "--promote" in call for call in calls)


@pytest.mark.parametrize("before", [[], ["words.txt", "--pairs"]], ids=["words", "pairs"])
@pytest.mark.parametrize(
    "file, exit_code, said",
    [("nothing", 4, "there is no such file"), ("data", 3, "the file cannot be read: Is a directory")],
    ids=["no file", "a folder"],
)
def test_what_is_no_list_is_told_as_by_read(inkrow, words, before, file, exit_code, said):
    result = inkrow("build-language", *before, file, *WORDS)
    assert (result.exit_code, result.stderr) == (exit_code, f"inkrow: {file}: {said}\n")


def test_another_kind_of_model_is_neither_followed_by_a_language_nor_replaced(inkrow, words, tiny_models):
    result = inkrow("build-language", words, *WORDS, "--name", "handprint", "--promote")
    assert result.exit_code == 5
    assert "handprint is a network for glyphs, which cannot be followed by a language" in result.stderr
    assert tiny_models.versions("handprint") == ["1"]
    tiny_models.publish("handprint", {"x": np.zeros(1)}, {"architecture": {"name": "letters-and-words"}})
    assert inkrow("models", "promote", "handprint/2").exit_code == 5
    assert tiny_models.resolve("handprint", "champion") == "1"


def test_a_list_that_is_none_is_told_with_its_line(inkrow, workplace):
    (workplace / "words.txt").write_text("hello 5\nworld\n")
    result = inkrow("build-language", "words.txt", *WORDS)
    assert result.exit_code == 3
    assert "line 2: expected a word" in result.stderr
    assert not (workplace / "models").exists()
