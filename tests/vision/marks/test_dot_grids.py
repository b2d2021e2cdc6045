from __future__ import annotations

import numpy as np
import pytest

from app.vision.affine import rotated_back
from app.vision.ink.binarise import Levels
from app.vision.marks.dot_grids import are_dots_of_grid
from app.vision.writing import find_components, keep_writing

ROWS, COLUMNS, APART = 9, 12, 25.0


def boxes_at(places: np.ndarray, size: int = 4) -> np.ndarray:
    """Boxes (N, 4) of dots whose middles are as near to some places (N, 2) as pixels allow."""
    corner = np.rint(places - size / 2).astype(np.int32)
    return np.concatenate([corner, corner + size], axis=1)


def grid(rows: int = ROWS, columns: int = COLUMNS) -> np.ndarray:
    """Places (N, 2) of a grid of squares."""
    return np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"), axis=-1).reshape(-1, 2) * APART


def turned(places: np.ndarray, angle_deg: float) -> np.ndarray:
    """Places (N, 2), turned."""
    angle = np.deg2rad(angle_deg)
    return places @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


@pytest.mark.parametrize("angle_deg", [0.0, 3.0, -20.0, 44.0])
def test_all_dots_of_a_grid_are_found_however_it_is_turned(angle_deg: float) -> None:
    assert are_dots_of_grid(boxes_at(turned(grid(), angle_deg)), 4.0).all()


def test_dots_of_a_grid_of_triangles_are_found() -> None:
    places = grid()
    places[:, 1] += np.where(places[:, 0] / APART % 2, APART / 2, 0)
    places[:, 0] *= np.sqrt(3) / 2
    assert are_dots_of_grid(boxes_at(places), 4.0).all()


def test_dots_that_letters_part_from_most_others_are_found() -> None:
    places = grid()
    amid = (places[:, 0] == 4 * APART) & (places[:, 1] > APART) & (places[:, 1] < 9 * APART)
    left = ~amid | (places[:, 1] == 5 * APART)
    assert are_dots_of_grid(boxes_at(places[left]), 4.0).all()


def test_a_grid_seen_from_the_side_is_one() -> None:
    places = grid()
    places *= (1 + 0.1 * places[:, 1] / places[:, 1].max())[:, None]
    assert are_dots_of_grid(boxes_at(places), 4.0).all()


def test_what_is_no_dot_of_the_grid_stays() -> None:
    full_stop, stroke = [[60, 110, 64, 114]], [[10, 10, 34, 14]]
    boxes = np.concatenate([boxes_at(grid()), full_stop, stroke])
    found = are_dots_of_grid(boxes, 4.0)
    assert found[:-2].all()
    assert not found[-2:].any()


def test_dots_that_a_hand_set_in_rows_and_columns_stay(rng: np.random.Generator) -> None:
    by_hand = grid() + rng.normal(0, 0.06 * APART, (ROWS * COLUMNS, 2))
    assert not are_dots_of_grid(boxes_at(by_hand), 4.0).any()


def test_a_few_dots_are_no_grid() -> None:
    assert not are_dots_of_grid(boxes_at(grid(5, 6)), 4.0).any()


def test_specks_all_over_a_page_are_no_grid(rng: np.random.Generator) -> None:
    assert not are_dots_of_grid(boxes_at(rng.uniform(0, 400, (300, 2))), 4.0).any()


def test_only_the_letter_is_kept_of_a_letter_on_dotted_paper() -> None:
    ink = np.zeros((260, 330), np.uint8)
    for top, left, bottom, right in boxes_at(grid() + 20).tolist():
        ink[top:bottom, left:right] = 150
    ink[102:138, 100:106] = 200
    ink[132:138, 100:125] = 200
    levels = Levels(faint=60, sure=100)
    for page in (ink, rotated_back(ink, 5.0)[0]):
        assert len(keep_writing(find_components(page, levels))) == 1


@pytest.mark.parametrize(
    "sizes", [[2] * 15 + [10] + [20] * 15, [2] * 15 + [20] * 15, [4] * 29], ids=["one alike", "none alike", "too few"]
)
def test_specks_of_all_sizes_are_no_grid(sizes: list[int]) -> None:
    corners = np.arange(len(sizes))[:, None] * [30, 20]
    boxes = np.concatenate([corners, corners + np.array(sizes)[:, None]], axis=1).astype(np.int32)
    assert not are_dots_of_grid(boxes, 10.0).any()


def test_specks_within_one_another_are_no_grid() -> None:
    boxes = boxes_at(np.repeat(grid(), 2, axis=0))
    boxes[::2] += [-1, -1, 1, 1]
    assert not are_dots_of_grid(boxes, 4.0).any()
