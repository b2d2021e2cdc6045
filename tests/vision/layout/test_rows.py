"""Pieces of ink gathered into rows, on level, turned and crooked pages."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest

from app.datasets.pens.hand import Hand
from app.vision.ink.binarise import flatten_illumination, ink_levels
from app.vision.ink.components import Components
from app.vision.layout.row_parts import _with_fragments
from app.vision.layout.rows import _pairs_beside, _right_neighbours, find_rows, row_direction
from app.vision.writing import find_components, keep_writing
from tests.vision.conftest import write_page

HEIGHT, WIDTH, PITCH = 40, 28, 72  # of the letters typed as boxes, and from row to row
TEXT = ["SPHINX OF BLACK", "QUARTZ JUDGE", "MY VOW 2735"]


def _letter(left, top, height=HEIGHT, width=WIDTH):
    return top, left, top + height, left + width


def _page(boxes):
    """Pieces of ink that fill their boxes."""
    boxes = np.rint(np.array(boxes)).astype(np.int32).reshape(-1, 4)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    size = boxes[:, 2:].max(axis=0, initial=1)
    return Components(np.zeros(size, np.int32), np.arange(1, len(boxes) + 1), boxes, areas.astype(np.int64), 4.0)


def _grid(rows, columns, step=44):
    return [_letter(column * step, row * PITCH) for row in range(rows) for column in range(columns)]


def _rows(boxes):
    """Each row as a list of indices into `boxes`."""
    return [row.tolist() for row in find_rows(_page(boxes))[0]]


def _turn(boxes, angle_deg, origin=(300, 100)):
    """Move each box to where its middle goes when the page is turned against the clock."""
    cos, sin = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    turned = []
    for top, left, bottom, right in boxes:
        x, y = (left + right) / 2 - origin[0], (top + bottom) / 2 - origin[1]
        down, across = y * cos - x * sin - y + 500, x * cos + y * sin - x + 500
        turned.append((top + down, left + across, bottom + down, right + across))
    return turned


def _read(page):
    """Components of a written page, and the character number (row, place) that each one belongs to."""
    ink = flatten_illumination(page.grey)
    components = keep_writing(find_components(ink, ink_levels(ink)))
    owners = []
    for top, left, bottom, right in components.boxes.tolist():
        middle = (top + bottom) / 2, (left + right) / 2
        distance = {
            (row, place): abs((box.top + box.bottom) / 2 - middle[0]) + abs((box.left + box.right) / 2 - middle[1])
            for row, boxes in enumerate(page.boxes)
            for place, box in enumerate(boxes)
            if box.top - 2 <= middle[0] <= box.bottom + 2 and box.left - 2 <= middle[1] <= box.right + 2
        }
        owners.append(min(distance, key=distance.__getitem__))
    return components, owners


def _assert_every_row_is_found(page):
    components, owners = _read(page)
    rows, _ = find_rows(components)
    assert [{owners[index][0] for index in row} for row in rows] == [{number} for number in range(len(page.boxes))]
    assert sorted(np.concatenate(rows).tolist()) == list(range(len(components)))
    for row in rows:
        lefts = components.boxes[row, 1]
        assert (np.diff(lefts) >= 0).all()


def test_level_rows_come_from_top_to_bottom_and_left_to_right():
    boxes = _grid(3, 5)
    assert _rows(boxes) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11, 12, 13, 14]]
    assert find_rows(_page(boxes))[1] == 0.0


@pytest.mark.parametrize("seed", range(8))
def test_the_order_in_which_pieces_come_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    wobble = rng.normal(0, 3, (40, 4))
    boxes = np.array(_turn(_grid(4, 10), rng.uniform(-8, 8))) + wobble
    boxes = np.concatenate([boxes, [_letter(900 + 30 * i, 400 + 60 * i, 6, 6) for i in range(4)]])
    order = rng.permutation(len(boxes))
    shuffled = [[order[index] for index in row] for row in _rows(boxes[order])]
    assert shuffled == _rows(boxes)


def _word(top):
    """Six letters half as high as the first one, which stands on the same line."""
    low = HEIGHT // 2
    return [_letter(0, top), *(_letter(44 * place, top + low, low) for place in range(1, 6))]


def test_a_stem_over_low_letters_belongs_to_their_row():
    """As that of an exclamation mark, whose middle is far above that of the letters beside it."""
    stem = _letter(260, 1, 25, 6)
    assert _rows([*_word(0), stem, *_word(PITCH)]) == [list(range(7)), list(range(7, 13))]


def test_a_row_whose_letters_stand_far_apart_costs_no_other_row_its_letters():
    pair, apart = [_letter(0, PITCH), _letter(44, PITCH)], [_letter(left, 2 * PITCH) for left in (0, 44, 500)]
    assert _rows([*_word(0), *pair, *apart]) == [list(range(6)), [6, 7], [8, 9, 10]]


def test_two_letters_between_rows_are_a_row_of_their_own():
    pitch = 56
    between = [_letter(60, pitch), _letter(104, pitch)]
    assert _rows([*_word(0), *between, *_word(2 * pitch)]) == [list(range(6)), [6, 7], list(range(8, 14))]


@pytest.mark.parametrize("angle_deg", [-8, -4, 0, 4, 8])
def test_rows_of_a_turned_page_are_not_mixed_up(angle_deg):
    """Eight degrees lift the end of these rows by more than the distance of two rows."""
    boxes = _turn(_grid(5, 24), angle_deg)
    rows, slope = find_rows(_page(boxes))
    assert [row.tolist() for row in rows] == [list(range(start, start + 24)) for start in range(0, 120, 24)]
    assert slope == pytest.approx(-np.tan(np.radians(angle_deg)), abs=0.01)


@pytest.mark.parametrize("angle_deg", [-8, 8])
@pytest.mark.parametrize("white", [3, 5], ids=["three letters wide", "five letters wide"])
@pytest.mark.parametrize("pitch", [56, 64])
def test_gaps_between_words_of_a_turned_page_lead_into_no_other_row(pitch, white, angle_deg):
    places = [column for column in range(24) if column % (4 + white) < 4]
    boxes = _turn([_letter(44 * column, row * pitch) for row in range(5) for column in places], angle_deg)
    rows = np.arange(5 * len(places)).reshape(5, -1).tolist()
    assert _rows(boxes) == rows


@pytest.mark.parametrize("angle_deg", [-8, -3, 0, 3, 8])
def test_written_rows_of_a_turned_page_are_found(angle_deg):
    _assert_every_row_is_found(write_page(TEXT, angle_deg=angle_deg))


@pytest.mark.parametrize("rise", [0.5, 0.9], ids=["half a letter", "nearly a letter"])
def test_rows_that_sag_are_found(rise):
    boxes = [
        _letter(column * 44, row * PITCH + rise * HEIGHT * (1 - ((column - 9.5) / 9.5) ** 2))
        for row in range(3)
        for column in range(20)
    ]
    assert _rows(boxes) == [list(range(start, start + 20)) for start in (0, 20, 40)]


def test_capitals_small_letters_and_descenders_share_a_row():
    small, descender = 22, 34
    boxes = [
        _letter(0, 0),
        _letter(44, HEIGHT - small, small),
        _letter(88, HEIGHT - small, descender),
        _letter(132, HEIGHT - small, small),
        _letter(176, 0),
    ]
    boxes += [_letter(x, PITCH + y, height) for (y, x, _, _), height in zip(boxes, (40, 22, 34, 22, 40), strict=True)]
    assert _rows(boxes) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]


@pytest.mark.parametrize("text", ["i, j. k; l: m", "1.50 - 2.75", "WHY? NO! (SO)", "a = b - 'c'"])
def test_dots_commas_and_dashes_go_to_their_own_row(text):
    _assert_every_row_is_found(write_page(["ABOVE THEM", text, "BELOW THEM"]))


@pytest.mark.parametrize("text", ["one, two, three", "no. 1, no. 2", "'a' was 'o'", "dear sue, come soon"])
@pytest.mark.parametrize("seed", range(4))
def test_commas_and_quotation_marks_of_small_letters_go_to_their_own_row(text, seed):
    """Beside letters without ascenders they are half as high as everything else."""
    hand = Hand.random(np.random.default_rng(seed))
    _assert_every_row_is_found(write_page(["upper row", text, "lower row"], hand=hand, seed=seed))


@pytest.mark.parametrize("long", [10, 14, 18, 24])
def test_a_comma_belongs_to_the_row_it_hangs_from(long):
    comma = _letter(5 * 44, HEIGHT - 6, long, 8)  # hangs into the white between the rows
    apostrophe = _letter(5 * 44, PITCH - 2, long, 8)
    assert _rows([*_grid(2, 5), comma, apostrophe]) == [[0, 1, 2, 3, 4, 10], [5, 6, 7, 8, 9, 11]]


@pytest.mark.parametrize("share", [0.35, 0.5, 0.65])
def test_a_comma_that_is_nearly_as_long_as_letters_belongs_to_the_row_it_hangs_from(share):
    long = HEIGHT - 2
    comma = _letter(5 * 44, round(HEIGHT - share * long), long, 8)
    assert _rows([*_grid(1, 5), comma]) == [[0, 1, 2, 3, 4, 5]]


def test_a_letter_that_hangs_far_below_a_row_does_not_belong_to_it():
    assert _rows([*_grid(1, 5), _letter(5 * 44, round(0.85 * HEIGHT))]) == [[0, 1, 2, 3, 4], [5]]


def test_a_letter_that_stands_high_above_those_beside_it_belongs_to_their_row():
    row = [_letter(44 * i, 2 * HEIGHT) for i in range(5)]
    row[2] = _letter(2 * 44, 0.6 * HEIGHT, 2.4 * HEIGHT)  # a looped d, say: the links of its neighbours pass it over
    assert _rows(row) == [[0, 1, 2, 3, 4]]


def test_words_that_stand_a_little_higher_than_others_are_of_their_row():
    first, second = ([_letter(44 * i, top) for i in range(start, start + 4)] for start, top in ((0, 0), (6, 24)))
    assert _rows([*first, *second]) == [[0, 1, 2, 3, 4, 5, 6, 7]]


@pytest.mark.parametrize("left", [0, 10, 21, 32, 42])
def test_the_stem_of_a_broken_t_is_of_the_row_of_its_bar(left):
    row = [_letter(60 * i, 40) for i in (0, 2, 3)]
    bar, stem = _letter(55, 27, 17, 50), _letter(55 + left, 48, 32, 8)
    assert len(_rows([*row, bar, stem])) == 1


@pytest.mark.parametrize("shift", [0, 8, 16, 24])
def test_joined_words_over_letters_stay_a_row(shift):
    words = [_letter(200 * i, 0, width=150) for i in range(3)]
    letters = [_letter(shift + 40 * i, 28, width=22) for i in range(14)]
    assert [len(row) for row in _rows([*words, *letters])] == [3, 14]


def test_words_over_each_other_stay_rows_though_they_touch():
    upper, lower = ([_letter(44 * i, top) for i in range(5)] for top in (0, 28))
    assert _rows([*upper, *lower]) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]


def test_a_short_row_of_small_writing_stays_a_row():
    page_number = [_letter(100 + 20 * i, 3 * PITCH, 20, 14) for i in range(2)]
    assert _rows([*_grid(2, 5), *page_number]) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11]]
    caption = [_letter(20 * i, HEIGHT + 8, 20, 14) for i in range(12)]
    assert _rows([*_grid(1, 5), *caption]) == [[0, 1, 2, 3, 4], list(range(5, 17))]


def test_a_mark_far_from_all_writing_is_left_out():
    assert _rows([*_grid(1, 4), _letter(900, 20, 6, 6), _letter(60, 300, 6, 6)]) == [[0, 1, 2, 3]]


def test_each_of_hundreds_of_dots_goes_to_the_letters_below_it():
    letters = _grid(12, 12)
    dots = [_letter(left, top - 10, 6, 6) for top, left, _, _ in letters]
    rows = _rows(letters + dots)
    assert [sorted(row) for row in rows] == [
        [*range(first, first + 12), *range(144 + first, 144 + first + 12)] for first in range(0, 144, 12)
    ]


def test_a_wide_gap_does_not_divide_a_row():
    boxes = [*_grid(2, 4), *(_letter(1000 + x, y) for y, x, _, _ in _grid(2, 4))]
    assert _rows(boxes) == [[0, 1, 2, 3, 8, 9, 10, 11], [4, 5, 6, 7, 12, 13, 14, 15]]


def test_columns_of_different_height_are_not_mixed_up():
    """Rows of small writing beside a few of large: no row takes letters from two rows of one column."""
    large = [_letter(column * 60, row * 120, 60, 44) for row in range(2) for column in range(5)]
    small = [_letter(500 + column * 26, row * 45, 24, 18) for row in range(5) for column in range(8)]
    line = {index: ("large", index // 5) for index in range(10)}
    line |= {10 + index: ("small", index // 8) for index in range(40)}
    rows = _rows(large + small)
    assert sorted(chain.from_iterable(rows)) == list(range(50))
    for row in rows:
        for column in ("large", "small"):
            assert len({line[index] for index in row if line[index][0] == column}) <= 1


def test_letters_that_nearly_touch_those_above_keep_to_their_rows():
    boxes = [_letter(column * 44, row * (HEIGHT + 4)) for row in range(4) for column in range(9)]
    assert _rows(boxes) == [list(range(start, start + 9)) for start in range(0, 36, 9)]


def test_a_letter_that_two_others_lead_to_is_in_one_row_only():
    """Parts of a colon-like pair, side by side: neither is beside the other, both are beside what follows."""
    boxes = [_letter(0, 0, 18), _letter(32, 22, 18), *(_letter(64 + x, y) for y, x, _, _ in _grid(1, 4))]
    assert sorted(chain.from_iterable(_rows(boxes))) == list(range(6))


def _loop_right_neighbours(boxes, letter_px):
    """Every letter beside every other one."""
    neighbour, cost_of = [-1] * len(boxes), [np.inf] * len(boxes)
    for i, (top, left, bottom, right) in enumerate(boxes):
        best, least = -1, np.inf
        for j, (its_top, its_left, its_bottom, its_right) in enumerate(boxes):
            beside = min(bottom, its_bottom) - max(top, its_top) >= 0.45 * min(bottom - top, its_bottom - its_top)
            distance = its_left - right
            if beside and its_left + its_right > left + right and distance < 7 * letter_px:
                cost = max(distance, 0) + abs(its_top + its_bottom - top - bottom)
                best, least = (j, cost) if cost < least else (best, least)
        if best >= 0 and least < cost_of[best]:
            neighbour = [-1 if other == best else other for other in neighbour]
            neighbour[i], cost_of[best] = best, least
    return neighbour


@pytest.mark.parametrize("seed", range(6))
def test_neighbours_agree_with_their_loop_written_twin(seed):
    rng = np.random.default_rng(seed)
    corners = rng.uniform(-50, 900, (120, 2))
    boxes = np.hstack([corners, corners + rng.uniform(8, (60, 90), (120, 2))])
    boxes = np.round(boxes) if seed % 2 else boxes  # whole pixels make equal distances
    assert _right_neighbours(boxes, 25.0).tolist() == _loop_right_neighbours(boxes.tolist(), 25.0)


def test_the_pairs_that_are_looked_at_grow_with_the_letters_and_not_with_their_square():
    few, many = (len(_pairs_beside(np.array(_grid(rows, 40), float), HEIGHT)[0]) for rows in (10, 80))
    assert many < 8.5 * few


def test_a_single_piece_is_a_row():
    assert _rows([_letter(10, 10)]) == [[0]]


def test_a_page_without_pieces_has_no_rows():
    assert find_rows(_page([])) == ([], 0.0)


@pytest.mark.parametrize("rows, columns", [(3, 12), (12, 3)])
def test_it_is_seen_whether_rows_run_across_or_down(rows, columns):
    across, down = (44, 120) if columns > rows else (120, 44)
    letters = [_letter(across * column, down * row) for row in range(rows) for column in range(columns)]
    assert np.sign(row_direction(_page(letters))) == np.sign(columns - rows)


def test_a_grid_and_a_blank_page_have_no_direction():
    letters = [_letter(90 * column, 90 * row, 30, 30) for row in range(5) for column in range(5)]
    assert row_direction(_page(letters)) == pytest.approx(0, abs=0.1)
    assert row_direction(_page([])) == 0


def _fragments_by_looking_at_every_row(rows, boxes, letter_px):
    """What `rejoined` does first, without passing over rows that are too far away."""
    whole, kept = [row for row in rows if len(row) > 2], []
    longer = [boxes[row] for row in whole]
    for row in (row for row in rows if len(row) <= 2):
        (top, left), (bottom, right) = boxes[row, :2].min(axis=0), boxes[row, 2:].max(axis=0)
        is_comma = len(row) == 1 and bottom - top < letter_px and right - left < 0.5 * letter_px
        best, most = -1, (0.3 if is_comma else 0.7) * (bottom - top)
        for number, line in enumerate(longer):
            away = np.maximum(np.maximum(line[:, 1] - right, left - line[:, 3]), 0)
            beside = line[np.argsort(away, kind="stable")[:8]]
            within = min(bottom, beside[:, 2].max()) - max(top, beside[:, 0].min())
            if within >= most and away.min() < 2 * letter_px:
                best, most = number, within
        if best < 0:
            kept.append(row)
        else:
            whole[best] = np.concatenate([whole[best], row])
    return [row.tolist() for row in whole + kept]


def test_a_fragment_goes_to_the_row_that_it_would_go_to_if_all_were_looked_at(rng):
    for _ in range(200):
        lefts, tops = rng.uniform(0, 300, 24), rng.choice([0, 30, 60, 90], 24) + rng.uniform(-12, 12, 24)
        size = rng.uniform(4, 40, (24, 2))
        boxes = np.column_stack([tops, lefts, tops + size[:, 0], lefts + size[:, 1]])
        rows = [np.arange(0, 6), np.arange(6, 12), *(np.array([n]) for n in range(12, 20)), np.arange(20, 22)]
        found = [row.tolist() for row in _with_fragments(rows, boxes, 20.0)]
        assert found == _fragments_by_looking_at_every_row(rows, boxes, 20.0)


def test_ends_of_a_row_in_larger_letters_are_one_row_as_little_level_as_its_letters_are_high():
    """TOTAL, and far to the right of it the sum; below other rows."""
    larger = [_letter(left, top, 50, 34) for top, lefts in ((300, (0, 50, 100)), (320, (700, 750))) for left in lefts]
    assert len(_rows([*_grid(3, 18), *larger])) == 4
    as_low = [(top, left, top + HEIGHT, right) for top, left, _, right in larger]
    assert len(_rows([*_grid(3, 18), *as_low])) == 5


def test_larger_letters_far_beside_a_row_are_none_of_it_where_its_own_would_not_be():
    """A drawing, say."""
    drawing = [_letter(left, 12, 60, 40) for left in (1300, 1360, 1420)]
    assert len(_rows([*_grid(1, 18), *drawing])) == 2
