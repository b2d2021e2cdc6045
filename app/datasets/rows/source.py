"""Make writers of rows from a data set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.datasets.catalogue import find, load_samples
from app.datasets.pens.strokes import StrokeSet
from app.datasets.rows.shapes import LONGEST_TEXT, AsWritten, Composed
from app.datasets.sources.writing import load_writing
from app.errors import InvalidInput

_WORDS_SIDE_BY_SIDE = 4  # at most; set by eye


def load_row_writers(
    name: str, split: str, root: Path, max_doubt: int, *, freedom: float = 0.0, longest: int = LONGEST_TEXT
) -> Mapping[str, Composed | AsWritten]:
    """Read a data set of pen strokes, and make writers of rows from it.

    Parameters
    ----------
    name : of a data set, or its path
    root : folder of all data sets
    max_doubt : characters whose doubt is this rank or more are left out, as their shape contradicts their label
    freedom : how far composed characters are bent, see `Composed`
    longest : characters of rows that are as somebody wrote them, at most

    Returns
    -------
    dict
        ``chars``: rows composed of single characters. If the data set has them, ``words``: words set side by side, and
        ``texts``: rows as somebody wrote them.

    Raises
    ------
    DatasetNotFound : the data set is not there.
    DamagedDataset : a file is damaged.
    InvalidInput : it does not hold pen strokes, or none that rows can be made of.
    """
    samples = load_samples(name, split, root)
    if not isinstance(samples, StrokeSet):
        raise InvalidInput(f"expected a data set of pen strokes to set rows from, {name} holds images")
    samples = samples.select(samples.doubt < max_doubt)
    folder, _ = find(name, root)
    if not all((folder / f"{what}_{split}.npz").exists() for what in ("words", "texts")):
        return {"chars": Composed(samples, (), freedom)}
    words, sound_words = load_writing(folder, "words", split)
    texts, sound_texts = load_writing(folder, "texts", split)
    labels = [*words.labels[sound_words].tolist(), *texts.labels[sound_texts].tolist()]
    vocabulary = sorted({word for label in labels for word in label.split()})
    return {
        "chars": Composed(samples, vocabulary, freedom),
        "words": AsWritten(words, sound_words, _WORDS_SIDE_BY_SIDE, longest),
        "texts": AsWritten(texts, sound_texts, longest=longest),
    }
