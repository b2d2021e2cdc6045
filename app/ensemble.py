"""Which models of a store read together, and how a reader is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple, Protocol, Self

from app.errors import Conflict, CorruptModel, InvalidInput, ModelNotFound
from app.ocr import (
    CONFIDENCE_MODEL,
    LANGUAGE_ARCHITECTURE,
    LIKENESS,
    Confidence,
    Language,
    Likeness,
    Reader,
    RowReader,
    is_network,
    spells_rows,
)
from app.store import CHAMPION, ModelStore, StoredModel, lineage


class Reference(NamedTuple):
    """A model of a store by its name, and the version or alias that is wanted of it."""

    name: str
    wanted: str = CHAMPION


class ChoiceSettings(Protocol):
    """The settings that say which models serve."""

    @property
    def model(self) -> str: ...
    @property
    def alias(self) -> str: ...
    @property
    def row_model(self) -> str: ...
    @property
    def row_alias(self) -> str: ...
    @property
    def language_model(self) -> str: ...
    @property
    def language_alias(self) -> str: ...


_KINDS = {
    "glyphs": "a network for glyphs",
    "rows": "a network for rows",
    "language": "a language",
    "confidence": "no network",
    "likeness": "a model of the kind likeness",
}
"""The kind of model that each role of `Choice` needs, in the words of `_kind`."""


@dataclass(frozen=True)
class Choice:
    """Which models read together. All but `glyphs` may be missing from the store, unless others than these are chosen.

    Attributes
    ----------
    glyphs : the network that names single glyphs
    rows : the network that spells rows
    language : the model of words
    confidence : the curves that calibrate confidences; they are used only with the models that they were fitted to, and
        with what was trained on from these
    likeness : the model that tells writing from everything else
    """

    glyphs: Reference = Reference("handprint")
    rows: Reference = Reference("rows")
    language: Reference = Reference("english")
    confidence: Reference = Reference(CONFIDENCE_MODEL)
    likeness: Reference = Reference(LIKENESS)

    @classmethod
    def of(cls, settings: ChoiceSettings) -> Self:
        """Return the choice that the settings describe."""
        return cls(
            Reference(settings.model, settings.alias),
            Reference(settings.row_model, settings.row_alias),
            Reference(settings.language_model, settings.language_alias),
        )

    @property
    def names(self) -> list[str]:
        """The names of the models."""
        return [reference.name for reference in self.references]

    @property
    def references(self) -> list[Reference]:
        """All references, in the order of the fields."""
        return [getattr(self, field.name) for field in fields(self)]

    def require_idle(self, name: str, alias: str) -> None:
        """Raise Conflict if a model serves by this alias, which must not be deleted then."""
        if Reference(name, alias) in self.references:
            raise Conflict(f"expected another alias than {alias}, which serves", name=name)

    def require_kind(self, store: ModelStore, name: str, card: Mapping[str, Any]) -> None:
        """Refuse a version of another kind of model than its name stands for.

        The kind is that of the role in which the name serves. A name that serves in none must stay what its champion
        is, or its last version if it has no champion.

        Raises
        ------
        Conflict : the version is of another kind, such as a network for rows where one for glyphs is expected.
        """
        got, expected = _kind(card), [_KINDS[role] for role in self._roles(name)] or _kinds_there(store, name)
        if expected and got not in expected:
            detail = f"{name} is {expected[0]}, which cannot be followed by {got}; choose another name"
            raise Conflict(detail, name=name)

    def require_usable(self, store: ModelStore, name: str, wanted: str, alias: str = CHAMPION) -> None:
        """Do as `require_kind` if a model serves by this alias, which is to stand for the version."""
        if alias == CHAMPION or Reference(name, alias) in self.references:
            with suppress(
                CorruptModel, ModelNotFound
            ):  # the store itself verifies what an alias is to stand for, and says so
                self.require_kind(store, name, store.card(name, store.resolve(name, wanted)))

    def with_version(self, name: str, wanted: str) -> Self:
        """Return the choice with another version of the model of this name."""
        return replace(self, **{role: Reference(name, wanted) for role in self._roles(name)})

    def _roles(self, name: str) -> list[str]:
        return [field.name for field in fields(self) if getattr(self, field.name).name == name]


@dataclass(frozen=True)
class Ensemble:
    """A reader and the models it is made of.

    Attributes
    ----------
    glyphs : the stored model for glyphs
    models : what answers say of the reader: name, version, digest and alias of the model for glyphs, and under ``rows``
        and ``language`` the same of these, None where there is none
    all_models : the same for every role of `Choice`; None where there is no model, or curves that were not used
    """

    reader: Reader
    glyphs: StoredModel
    models: dict[str, Any]
    all_models: dict[str, dict[str, str | None] | None]


class Helpers:
    """All models of a choice but that for glyphs, loaded once for any number of readers.

    Parameters
    ----------
    store, choice : where the models are, and which of them
    threads : so many share the rows of a page that has many

    Attributes
    ----------
    versions : of the loaded models, in the order of `Choice.references`; None for one that is missing

    Raises
    ------
    ModelNotFound : a model is missing that differs from the default of `Choice`, so that somebody asked for it.
    InvalidInput : a model that somebody asked for is of another kind.
    CorruptModel, UnknownArchitecture, ShapeMismatch : a model is damaged, or for another release.
    """

    def __init__(self, store: ModelStore, choice: Choice, threads: int = 1) -> None:
        _, *asked_for = zip(choice.references, Choice().references, strict=True)
        rows, language, confidence, likeness = (
            store.load_if_there(*reference) if reference == by_itself else store.load(*reference)
            for reference, by_itself in asked_for
        )
        _require_role("rows", rows)
        _require_role("language", language)
        self._store = store
        self.versions = tuple(model and model.version for model in (rows, language, confidence, likeness))
        roles = {"rows": rows, "language": language, "confidence": confidence, "likeness": likeness}
        self._said = {role: None if model is None else model.reference for role, model in roles.items()}
        self._lines = [None if model is None else lineage(store, model) for model in (rows, language)]
        self._curves = confidence
        self._rows = None if rows is None else RowReader.from_card(rows.card, rows.arrays, threads)
        self._language = None if language is None else Language.from_card(language.card, language.arrays)
        self._likeness = None if likeness is None else Likeness.from_card(likeness.card, likeness.arrays)

    def around(self, glyphs: StoredModel) -> Ensemble:
        """Build the reader of a model for glyphs and all of these.

        Raises
        ------
        InvalidInput : the model does not name glyphs.
        CorruptModel, UnknownArchitecture, ShapeMismatch : the model is damaged, is for another release, or knows
            characters that the network for rows does not know.
        """
        _require_role("glyphs", glyphs)
        counted = None
        if self._curves is not None:
            lines = [lineage(self._store, glyphs), *self._lines]
            counted = Confidence.from_card(self._curves.card, self._curves.arrays, lines)
        reader = Reader.from_card(
            glyphs.card,
            glyphs.arrays,
            rows=self._rows,
            language=self._language,
            confidence=counted,
            likeness=self._likeness,
        )
        said = self._said if counted is not None else self._said | {"confidence": None}
        answered = {**glyphs.reference, "rows": said["rows"], "language": said["language"]}
        return Ensemble(reader, glyphs, answered, {"glyphs": glyphs.reference, **said})


def version_of(store: ModelStore, reference: Reference) -> str | None:
    """Return the number of the version that a reference stands for; None if there is no such model or alias."""
    if reference.wanted.isdigit():
        return reference.wanted
    return store.aliases(reference.name).get(reference.wanted) if reference.name in store.names() else None


def _kinds_there(store: ModelStore, name: str) -> list[str]:
    """Return the kind of a name's champion or else last version; nothing if there is none, or it is damaged."""
    if name not in store.names():
        return []
    try:
        return [_kind(store.card(name, store.aliases(name).get(CHAMPION) or store.versions(name)[-1]))]
    except (CorruptModel, ModelNotFound):
        return []


def _kind(card: Mapping[str, Any]) -> str:
    named = card.get("architecture", {}).get("name")
    if is_network(card):
        return _KINDS["rows" if spells_rows(card) else "glyphs"]
    if named == LANGUAGE_ARCHITECTURE:
        return _KINDS["language"]
    return "no network" if named is None else f"a model of the kind {named}"


def _require_role(role: str, model: StoredModel | None) -> None:
    """Refuse a model in another role than its own; what is of no known kind is refused by `from_card`."""
    if model is None or "architecture" not in model.card:
        return
    if (got := _kind(model.card)) in _KINDS.values() and got != _KINDS[role]:
        raise InvalidInput(f"expected {_KINDS[role]}, got {model.name}/{model.version}, which is {got}")


def load_ensemble(store: ModelStore, choice: Choice, threads: int = 1) -> Ensemble:
    """Load all of a choice, with the parameters and errors of `Helpers`, and the errors of `Helpers.around`.

    Raises
    ------
    ModelNotFound : there is no model for glyphs.
    """
    return Helpers(store, choice, threads).around(store.load(*choice.glyphs))
