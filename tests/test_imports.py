"""Who may import whom: the layers of the project as two tables, compared with what the code does."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parent.parent / "app"

_EVERYTHING = {
    "logs",
    "validation_messages",
    "config",
    "vision",
    "store",
    "database",
    "jobs",
    "access",
    "corrections",
    "datasets",
    "ocr",
    "formats",
    "inspection",
    "ensemble",
    "lessons",
    "training",
}
# A part is a package or a module directly under app/. `errors` is open to all and therefore not repeated.
_MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "validation_messages": set(),
    "logs": set(),
    "memory": set(),
    "durable_files": set(),
    "config": {"logs", "validation_messages"},
    "nn": set(),
    "vision": set(),
    "store": {"durable_files"},
    "database": {"validation_messages"},
    "jobs": {"validation_messages", "database", "logs"},
    "access": {"database"},
    "corrections": {"database", "durable_files"},
    "web": set(),
    "datasets": {"vision"},
    "ocr": {"nn", "vision"},
    "formats": {"vision", "ocr"},
    "inspection": {"nn", "ocr"},
    "ensemble": {"ocr", "store"},
    "lessons": {"database", "corrections", "ensemble", "ocr", "store"},
    "training": {"memory", "ocr", "datasets", "nn", "store", "ensemble"},
    "api": _EVERYTHING | {"memory"},
    "cli": _EVERYTHING | {"durable_files", "memory"},
    "main": {"api", "config"},
}

# Within vision: what a folder may import beside itself and the modules of `_VISION_BASICS`. What joins the folders
# stands beside them, and no folder imports it.
_VISION: dict[str, set[str]] = {
    "decoding": set(),
    "ink": set(),
    "marks": {"ink"},
    "inputs": {"decoding", "ink"},
    "layout": {"ink", "inputs"},
}
_VISION_BASICS = {"affine", "box", "cells"}

# Where each library from outside has its home; one that is not listed may be imported nowhere.
_LIBRARY_HOMES: dict[str, set[str]] = {
    "numpy": {
        "nn",
        "vision",
        "store",
        "corrections",
        "datasets",
        "ocr",
        "formats",
        "inspection",
        "training",
        "api",
        "cli",
    },
    "scipy": {"vision", "datasets", "ocr", "inspection", "training"},
    "skimage": {"vision", "datasets"},
    "pypdfium2": {"vision"},
    "pi_heif": {"vision"},
    "PIL": {"vision", "datasets", "formats", "api", "cli"},
    "safetensors": {"store", "training"},
    "fastapi": {"api"},
    "starlette": {"api"},
    "pydantic": {"api", "config"},
    "pydantic_settings": {"config"},
    "uvicorn": {"api", "cli"},
    "h11": {"api"},
    "anyio": {"api"},
    "typer": {"cli"},
    "threadpoolctl": {"training", "api", "cli"},
    "array_api_compat": {"nn"},
    "cupy": {"training"},
    "msgspec": {"training"},
    "httpx2": {"datasets", "cli"},
    "matplotlib": {"api", "cli"},
    "jinja2": {"api", "cli"},
    "tqdm": {"training", "cli"},
    "sqlalchemy": {"database", "jobs", "access", "corrections"},
    "alembic": {"database"},
    "huey": {"jobs"},
    "limits": {"access"},
    "prometheus_client": {"api"},
}

# The reader is handed images and models: it opens neither files nor connections.
_OUTSIDE_WORLD = {
    "glob",
    "http",
    "httpx",
    "httpx2",
    "io",
    "os",
    "pathlib",
    "shutil",
    "socket",
    "sqlite3",
    "tempfile",
    "urllib",
}


def _parts() -> dict[str, Path]:
    """Every package and module directly under app/, by name."""
    return {path.stem: path for path in sorted(APP.iterdir()) if _is_part(path)}


def _is_part(path: Path) -> bool:
    if path.is_dir():
        return any(path.rglob("*.py"))
    return path.suffix == ".py" and path.stem != "__init__"


@cache
def _imported_modules(part: Path) -> list[tuple[str, str]]:
    return list(_imports_in(part))


def _imports_in(part: Path) -> Iterator[tuple[str, str]]:
    """Every (place, dotted name) that a part imports, at any depth: inside functions and for type checkers too."""
    for file in sorted(part.rglob("*.py")) if part.is_dir() else [part]:
        package = ".".join(["app", *file.relative_to(APP).parts[:-1]])
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            place = f"{file.relative_to(APP.parent)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield place, alias.name
            elif isinstance(node, ast.ImportFrom):
                module = resolve_name("." * node.level + (node.module or ""), package)
                for alias in node.names:  # `from app import nn` names its part only here
                    yield place, f"{module}.{alias.name}"


def _our_imports(part: Path) -> Iterator[tuple[str, str]]:
    for place, name in _imported_modules(part):
        top, _, rest = name.partition(".")
        if top == "app" and rest:
            yield place, rest.partition(".")[0]


def _foreign_imports(part: Path) -> Iterator[tuple[str, str]]:
    for place, name in _imported_modules(part):
        top = name.partition(".")[0]
        if top != "app":
            yield place, top


def test_every_part_of_the_application_is_in_the_table():
    assert _parts().keys() <= _MAY_IMPORT.keys()


def test_the_table_has_no_cycles():
    in_order = list(TopologicalSorter(_MAY_IMPORT).static_order())  # CycleError, which names it, if there is one
    assert in_order.index("nn") < in_order.index("ocr") < in_order.index("api") < in_order.index("main")


def test_only_main_api_and_cli_read_the_settings():
    assert {part for part, allowed in _MAY_IMPORT.items() if "config" in allowed} == {"main", "api", "cli"}


@pytest.mark.parametrize("part", _parts())
def test_a_part_imports_only_parts_below_it(part):
    allowed = _MAY_IMPORT[part] | {part} | ({"errors"} if part != "errors" else set())
    wrong = [f"{place} imports app.{name}" for place, name in _our_imports(_parts()[part]) if name not in allowed]
    assert not wrong


def test_every_folder_of_vision_is_in_its_table():
    assert {path.name for path in (APP / "vision").iterdir() if path.is_dir() and _is_part(path)} == _VISION.keys()
    assert list(TopologicalSorter(_VISION).static_order())


@pytest.mark.parametrize("folder", _VISION)
def test_a_folder_of_vision_imports_only_those_below_it(folder):
    allowed = _VISION[folder] | {folder} | _VISION_BASICS
    ours = [
        (place, name.split(".")[2])
        for place, name in _imported_modules(APP / "vision" / folder)
        if name.startswith("app.vision.")
    ]
    assert not [f"{place} imports app.vision.{name}" for place, name in ours if name not in allowed]


@pytest.mark.parametrize("part", _parts())
def test_a_library_is_imported_only_at_its_homes(part):
    wrong = [
        f"{place} imports {name}"
        for place, name in _foreign_imports(_parts()[part])
        if name not in sys.stdlib_module_names and part not in _LIBRARY_HOMES.get(name, set())
    ]
    assert not wrong


@pytest.mark.parametrize("part", sorted(_parts().keys() & {"nn", "ocr", "inspection"}))
def test_what_computes_on_arrays_reaches_neither_files_nor_the_network(part):
    wrong = [f"{place} imports {name}" for place, name in _foreign_imports(_parts()[part]) if name in _OUTSIDE_WORLD]
    assert not wrong


@pytest.mark.parametrize(
    "module, too_heavy",
    [
        ("app", {"numpy", "scipy", "skimage", "PIL", "fastapi", "pydantic", "typer"}),
        ("app.errors", {"numpy", "scipy", "skimage", "PIL", "fastapi", "pydantic", "typer"}),
        ("app.cli", {"numpy", "scipy", "skimage", "PIL", "fastapi", "starlette", "uvicorn"}),
    ],
)
def test_import_stays_light_so_that_help_is_instant(module, too_heavy):
    listing = f"import {module}, sys; sys.stdout.write(' '.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", listing], cwd=APP.parent, check=True, capture_output=True, text=True
    ).stdout.split()
    assert not too_heavy & set(loaded)
