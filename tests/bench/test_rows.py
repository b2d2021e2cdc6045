from __future__ import annotations

from bench.rows import Word, sort_into_rows


def _word(text: str, left: float, top: float, width: float = 40, height: float = 20) -> Word:
    return Word(text, left, top, left + width, top + height)


def test_words_come_from_left_to_right_and_rows_from_top_to_bottom():
    words = [_word("FOUR", 60, 100), _word("TWO", 60, 1), _word("THREE", 0, 99), _word("ONE", 0, 0)]
    assert sort_into_rows(words) == "ONE TWO\nTHREE FOUR"


def test_a_row_may_fall_by_more_than_the_distance_between_rows():
    first = [_word(text, 60 * place, 8 * place) for place, text in enumerate("abcdef")]
    second = [_word(text, 60 * place, 30 + 8 * place) for place, text in enumerate("uvwxyz")]
    assert sort_into_rows([*second, *first]) == "a b c d e f\nu v w x y z"


def test_a_low_word_belongs_to_the_row_of_the_tall_word_that_it_stands_beside():
    assert sort_into_rows([_word("TALL", 0, 0, height=60), _word("low", 50, 35, height=20)]) == "TALL low"


def test_a_word_that_two_rows_reach_goes_to_the_one_it_stands_beside_most():
    upper, lower = _word("upper", 0, 0), _word("lower", 5, 18)
    assert sort_into_rows([upper, lower, _word("word", 60, 14)]) == "upper\nlower word"


def test_words_one_above_the_other_make_two_rows():
    assert sort_into_rows([_word("below", 0, 25), _word("above", 10, 0)]) == "above\nbelow"


def test_a_page_without_words_has_no_text():
    assert sort_into_rows([]) == ""


def test_a_word_without_height_is_no_trouble():
    assert sort_into_rows([_word("flat", 0, 10, height=0), _word("word", 50, 0)]) == "flat\nword"
