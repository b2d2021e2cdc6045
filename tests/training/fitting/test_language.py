"""From a list of words to a language."""

from __future__ import annotations

import numpy as np
import pytest

from app.errors import InvalidInput
from app.ocr import LANGUAGE_ARCHITECTURE, LETTERS, Language
from app.training import build_language, describe_language, read_pair_list, read_word_list

LIST = "the 900\nroad 20\nDon't 5\nroad 3\nnaïve 7\nabc1 2\nbee 0\n"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text(LIST, encoding="utf-8-sig")
    return path


def test_a_list_is_read_in_one_case_without_apostrophes_and_other_letters(path):
    counts, left_out = read_word_list(path)
    assert counts == {"the": 900, "road": 23, "dont": 5, "bee": 1}
    assert left_out == 2


@pytest.mark.parametrize("content", ["the\n", "the many\n", "the 1 2\n", "the 1" + "0" * 15, "\n", "12 12\n", ""])
def test_what_is_no_list_is_refused(tmp_path, content):
    (tmp_path / "words.txt").write_text(content)
    with pytest.raises(InvalidInput, match="expected"):
        read_word_list(tmp_path / "words.txt")


def test_a_line_that_is_wrong_is_named(tmp_path):
    (tmp_path / "words.txt").write_text("the 3\nroad\n")
    with pytest.raises(InvalidInput, match="line 2: expected a word and how often"):
        read_word_list(tmp_path / "words.txt")


def test_the_largest_counts_are_taken(tmp_path):
    (tmp_path / "words.txt").write_text(f"the {10**15 - 1}\nroad 1\n")
    (tmp_path / "pairs.txt").write_text(f"the road {10**15 - 1}\n" * 100)
    counts, _ = read_word_list(tmp_path / "words.txt")
    arrays = build_language(counts, read_pair_list(tmp_path / "pairs.txt", counts)[0])
    assert all(np.isfinite(array).all() for array in arrays.values())


def test_a_file_in_another_code_is_refused(tmp_path):
    (tmp_path / "words.txt").write_bytes(b"caf\xe9 3\n")
    with pytest.raises(InvalidInput, match="list of words in UTF-8"):
        read_word_list(tmp_path / "words.txt")


def test_pairs_are_read_alike_if_both_words_are_known(tmp_path):
    (tmp_path / "pairs.txt").write_text("The road 7\nthe ROAD 2\nnaïve road 3\ndon't do 1\nthe tea 8\ntea road 8\n")
    counts, left_out = read_pair_list(tmp_path / "pairs.txt", {"the", "road", "dont", "do"})
    assert counts == {("the", "road"): 9, ("dont", "do"): 1}
    assert left_out == 3


@pytest.mark.parametrize(
    "content", ["the 3\n", "the road\n", "the old road 3\n", "\n", "1 2 3\n", "a b 1" + "0" * 5000, "a c 1", ""]
)
def test_what_is_no_list_of_pairs_is_refused(tmp_path, content):
    (tmp_path / "pairs.txt").write_text(content)
    with pytest.raises(InvalidInput, match=r"expected (two|pairs of) words"):
        read_pair_list(tmp_path / "pairs.txt", {"a", "b", "the", "road"})


def _language(counts):
    return Language.from_card({"architecture": {"name": LANGUAGE_ARCHITECTURE}}, build_language(counts))


def _follows(language, letters):
    return float(language.p_next[tuple(LETTERS.index(char) for char in letters)])


def test_letters_follow_as_they_do_in_the_words():
    language = _language({"queen": 5, "quite": 5, "quay": 5, "tea": 5})
    assert _follows(language, "  qu") > 0.6
    assert _follows(language, "  qa") < 0.05
    assert _follows(language, "ite ") > 0.4


def test_common_words_count_more_and_less_than_their_frequency_says():
    language = _language({"an": 900, "at": 100})
    assert 0.6 < _follows(language, "  an") < 0.9
    common, rare = np.sort(np.exp(language.log_p[2]))[::-1]
    assert 1 < common / rare < 9


def test_what_was_never_seen_stays_possible():
    assert (_language({"a": 1}).p_next > 0).all()


PAIRS = {("the", "road"): 20, ("the", "tea"): 30, ("road", "tea"): 23}


def test_a_pair_is_as_likely_as_the_share_of_its_first_word_that_it_takes():
    followers = Language.from_card(
        {"architecture": {"name": LANGUAGE_ARCHITECTURE}}, build_language({"the": 100, "road": 23, "tea": 4}, PAIRS)
    ).followers
    # By length and letters: tea, the, road. The road is always followed by tea.
    assert followers.counts.tolist() == [0, 2, 1]
    assert followers.words.tolist() == [0, 2, 0]
    np.testing.assert_allclose(followers.p, [0.3, 0.2, 1.0], rtol=0.02)


def test_pairs_of_more_books_than_the_words_are_scaled_to_them():
    counts = {"the": 100, "road": 23, "tea": 4}
    one, more = (build_language(counts, {pair: n * times for pair, n in PAIRS.items()}) for times in (2, 40))
    for name in one:
        np.testing.assert_allclose(one[name], more[name])


def test_a_word_that_seldom_follows_a_common_one_is_unlikely_there_whatever_else_is_listed():
    followers = build_language({"the": 1000, "end": 50}, {("the", "end"): 3})["log_follows"]
    np.testing.assert_allclose(np.exp(followers), [0.003], rtol=0.02)


def test_the_same_words_make_the_same_model_in_any_order():
    counts = {"the": 900, "road": 23, "tea": 4}
    one = build_language(counts, PAIRS)
    other = build_language(dict(reversed(counts.items())), dict(reversed(PAIRS.items())))
    for name in one:
        np.testing.assert_array_equal(one[name], other[name])


def test_the_card_says_where_the_words_come_from_and_how_well_spelling_is_foretold(path):
    counts = {f"{start}{end}": 1 for start in ("st", "b", "pl", "r") for end in ("ing", "ong", "ar", "ate", "ill")}
    card = describe_language(counts, {}, [path], source="a book", licence="none", attribution="nobody")
    assert card["data"]["source"] == "a book"
    assert card["licence"] == card["data"]["licence"] == "none"  # what is counted is theirs
    assert card["data"]["words"] == len(counts)
    assert card["data"]["fingerprint"].startswith("sha256:")
    assert 0 < card["metrics"]["valid"]["bits_a_letter"] < np.log2(len(LETTERS))


def test_the_card_tells_of_words_that_follow_only_where_there_are_pairs(path):
    without, with_pairs = (
        describe_language({"a": 1}, pairs, [path], source="", licence="", attribution="")
        for pairs in ({}, {("a", "a"): 2})
    )
    assert "words follow" not in without["description"]
    assert "pairs" not in without["data"]
    assert "words follow" in with_pairs["description"]
    assert with_pairs["data"]["pairs"] == 1
