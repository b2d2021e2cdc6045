"""Recipes as TOML files: by name if they come with Inkrow, otherwise by path."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

from msgspec import defstruct

from app.datasets import Augmentation, RowVariation
from app.errors import InvalidInput, NotFound
from app.ocr import build_network, network_arguments, spells_rows
from app.training.recipes.recipe import GlyphRecipe
from app.training.recipes.row_recipe import AnyRecipe, RowRecipe
from app.training.recipes.tables import converted

_FOLDER = Path(__file__).parent
_SUFFIX = ".toml"


def recipe_names() -> list[str]:
    """Return the names of the recipes that come with Inkrow."""
    return sorted(path.stem for path in _FOLDER.glob(f"*{_SUFFIX}"))


def load_recipe(name_or_path: str | Path) -> AnyRecipe:
    """Read a recipe.

    Parameters
    ----------
    name_or_path : one of `recipe_names`, or the path of a ``.toml`` file

    Raises
    ------
    NotFound : there is none.
    InvalidInput : it is not TOML, or a key or value is wrong; the message names the file, the key, what was expected
        and what came.
    """
    path = Path(name_or_path)
    if path.suffix != _SUFFIX:
        if str(name_or_path) not in recipe_names():
            known = ", ".join(recipe_names())
            raise NotFound(f"expected a recipe ({known}) or the path of a {_SUFFIX} file, got {str(name_or_path)!r}")
        path = _FOLDER / f"{name_or_path}{_SUFFIX}"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise NotFound(f"there is no recipe {path}") from exc
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise InvalidInput(f"{path}: expected a recipe in TOML; {exc}", path=str(path)) from exc
    try:
        return recipe_of(table)
    except InvalidInput as exc:
        raise InvalidInput(f"{path}: {exc.detail}", path=str(path)) from exc


def load_glyph_recipe(name_or_path: str | Path) -> GlyphRecipe:
    """Read the recipe of a network for single glyphs: as `load_recipe`, and InvalidInput for one for rows."""
    recipe = load_recipe(name_or_path)
    if not isinstance(recipe, GlyphRecipe):
        raise InvalidInput(f"expected a recipe for single glyphs, {name_or_path} is one for rows")
    return recipe


def recipe_of(table: dict[str, Any]) -> AnyRecipe:
    """Return the recipe that the table of a file or a card holds, with the errors of `load_recipe`."""
    network = table.get("network")
    of_rows = isinstance(network, dict) and spells_rows({"architecture": network})
    _refuse_unknown(table, *(("variation", RowVariation) if of_rows else ("augmentation", Augmentation)))
    recipe: AnyRecipe = converted(table, RowRecipe) if of_rows else converted(table, GlyphRecipe)
    try:
        _check_types(recipe.network)
        build_network({**recipe.network, "classes": 2})
    except InvalidInput as exc:
        raise InvalidInput(f"network: {exc.detail}") from exc
    return recipe


def _check_types(network: dict[str, Any]) -> None:
    """Refuse arguments of a network that have a wrong type; `build_network` refuses wrong values."""
    kinds = network_arguments(network.get("name"))
    fields_there = [(key, kind) for key, kind in kinds.items() if key in network]
    converted({key: network[key] for key, _ in fields_there}, defstruct("Network", fields_there))


def _refuse_unknown(table: dict[str, Any], key: str, kind: type[Augmentation | RowVariation]) -> None:
    """Refuse unknown keys in each phase's table `key`, which becomes a dataclass: there msgspec ignores them."""
    known = [field.name for field in fields(kind)]
    phases = table.get("phases")
    for number, phase in enumerate(phases if isinstance(phases, list) else ()):
        own = phase.get(key) if isinstance(phase, dict) else None
        if isinstance(own, dict) and (unknown := own.keys() - known):
            place = f"phases[{number}].{key}.{min(unknown)}"
            raise InvalidInput(f"{place}: expected one of the keys {', '.join(known)}, got {min(unknown)!r}")
