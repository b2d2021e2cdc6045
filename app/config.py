"""What can be set from outside: INKROW_* variables of the environment, read once."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import InvalidInput
from app.logs import LogFormat
from app.validation_messages import validation_message, without_password

_PREFIX = "INKROW_"
_OF_REDIS = ("redis://", "rediss://", "redis+unix://")
_MOST_DAYS = 36_525  # a century: dates that lie much further back or ahead cannot be computed
# Variables that only the test suite reads.
_OF_THE_TESTS = {
    "INKROW_SHARED",
    "INKROW_REQUIRE_SERVICES",
    "INKROW_TEST_REDIS_URL",
    "INKROW_TEST_POSTGRESQL_URL",
}


def _own_cores(settings: Mapping[str, Any]) -> int:
    """Return how many cores each of the serving processes has, if they share all cores."""
    return max(1, _cores() // int(settings.get("workers", 1)))


def _cores() -> int:
    """Return how many cores this process may run on: fewer than the machine has, if its affinity was set."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Settings(BaseSettings):
    """The settings; each is read from a variable with its name in capitals after ``INKROW_``, as INKROW_PORT.

    An empty variable counts as none.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True)

    model_store: Path = Field(
        default=Path(__file__).resolve().parent.parent / "model_store",
        description="Folder of the model versions.",
    )
    model: str = Field(default="handprint", description="Name of the model that reads.")
    alias: str = Field(default="champion", description="Which of its versions serves: an alias or a version.")
    row_model: str = Field(
        default="rows",
        description="Name of the model that spells whole rows; if the store lacks rows, glyphs alone are read.",
    )
    row_alias: str = Field(default="champion", description="Which of its versions serves: an alias or a version.")
    language_model: str = Field(
        default="english",
        description="Name of the model that knows words; if the store lacks english, words are not looked for.",
    )
    language_alias: str = Field(default="champion", description="Which of its versions serves: an alias or a version.")
    data: Path = Field(
        default=Path("data"),
        description="Folder of the data sets, each in a folder of its name; of the current folder.",
    )
    state: Path = Field(
        default=Path(__file__).resolve().parent.parent / "state",
        description="Folder of what is kept beside the models: database, queue, corrected images, checkpoints.",
    )
    database_url: str = Field(
        default_factory=lambda settings: f"sqlite:///{Path(settings['state']).resolve() / 'inkrow.db'}",
        description="Database of jobs, corrections and keys: SQLite, or PostgreSQL as postgresql+psycopg://...",
    )
    keep_days: float = Field(
        default=7,
        gt=0,
        le=_MOST_DAYS,
        description="For how many days a page is kept that somebody asks to be kept for review; then it is deleted.",
    )
    queue_url: str = Field(
        default_factory=lambda settings: f"sqlite:///{Path(settings['state']).resolve() / 'queue.db'}",
        description="Queue that wakes workers: SQLite, or Redis as redis://..., or PostgreSQL as postgresql://...",
    )
    job_workers: int = Field(
        default=1,
        ge=0,
        description="Workers that inkrow serve runs beside itself, each for one job at a time; 0: none, so that "
        "inkrow worker runs them, here or on other machines.",
    )
    job_threads: int = Field(
        default_factory=lambda: max(1, _cores() // 2),
        ge=1,
        description="Threads inside one matrix product of a job. By default half of the cores.",
    )
    job_days: float = Field(
        default=90,
        gt=0,
        le=_MOST_DAYS,
        description="For how many days a job that has ended is kept, with its events and checkpoints.",
    )
    waiting_jobs: int = Field(default=8, ge=1, description="Jobs that may wait; who asks for a further one is refused.")
    admin_key: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="A key with the scope admin, beside those of the database: at least 32 characters that nobody can "
        "guess, as openssl rand -hex 32 prints them.",
    )
    key: SecretStr | None = Field(
        default=None, min_length=1, description="The key that inkrow read --server sends, where reading takes one."
    )
    open_reading: bool = Field(
        default=True, description="Whether pages are read for everybody; otherwise it takes a key with the scope read."
    )
    open_inspection: bool = Field(
        default=True, description="Whether everybody may look into the models; otherwise it takes a key likewise."
    )
    open_metrics: bool = Field(
        default=True,
        description="Whether everybody may see the figures at /metrics; otherwise it takes a key likewise.",
    )
    rate_limit: int = Field(
        default=6000,
        ge=0,
        description="Requests a minute that are answered of each key, and of each address without one; 0: any number. "
        "Each process counts for itself.",
    )
    rate_limit_url: str | None = Field(
        default=None,
        description="Address of Redis, where all processes count together: redis://localhost:6379/0.",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on; 0.0.0.0 is every one of the machine.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 lets the system choose.")
    log_format: LogFormat = Field(
        default="text", description="How the log is written: lines for people, or JSON objects for programs."
    )
    workers: int = Field(
        default=1,
        ge=1,
        description="Processes that serve, each with a model of its own in memory; they share the port and the store.",
    )
    max_upload_bytes: int = Field(
        default=32 * 1024**2, gt=0, description="Longest request body, in bytes; a longer one is not read to its end."
    )
    max_files: int = Field(default=20, ge=1, description="Most files in one request.")
    max_pixels: int = Field(
        default=100_000_000, gt=0, description="Largest image, in pixels by its header; a larger one is not decoded."
    )
    max_pages: int = Field(
        default=100, ge=1, description="Most pages that are read of one file; where more are asked for, none is."
    )
    concurrent_readings: int = Field(
        default_factory=_own_cores,
        ge=1,
        description="Requests that one process reads at the same time; further ones wait. Bounds the memory. "
        "By default the cores, shared out among the workers.",
    )
    page_threads: int = Field(
        default_factory=lambda settings: min(4, _own_cores(settings)),
        ge=1,
        description="Threads of one process that share the rows of pages that have many, each with up to 45 MB where "
        "rows are long. By default the cores, shared out among the workers, or 4 where there are more.",
    )
    waiting_readings: int = Field(
        default=64, ge=0, description="Requests that may wait for that in one process; further ones are refused, 503."
    )
    waiting_s: float = Field(
        default=60.0,
        gt=0,
        description="Longest time that a request waits for its turn, in seconds; then it is refused.",
    )
    blas_threads: int = Field(
        default=1,
        ge=1,
        description="Threads inside one matrix product. More than one helps a single request on an idle machine, and "
        "slows all of them down on a busy one.",
    )

    @field_validator("admin_key", "key", mode="before")
    @classmethod
    def _fit_for_a_header(cls, secret: object) -> object:
        """Take away what stands around a key, such as the end of a line, and refuse what HTTP does not send."""
        if not isinstance(secret, str):
            return secret
        key = secret.strip()
        if not (key.isascii() and key.isprintable()):
            raise ValueError("expected printable ASCII characters, got others as well")
        return key

    @field_validator("rate_limit_url")
    @classmethod
    def _is_of_redis(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(_OF_REDIS):
            raise ValueError(
                f"expected an address that begins with {', '.join(_OF_REDIS)}, got {without_password(url)!r}"
            )
        return url


@dataclass(frozen=True)
class Setting:
    """One setting, in JSON's types: its variable, its meaning, its default and its value."""

    name: str
    meaning: str
    default: Any
    value: Any
    is_given: bool


def list_settings(settings: Settings) -> list[Setting]:
    """List every setting in the order of the class; a secret shows as asterisks, and so does one in an address."""
    values = {
        name: without_password(value) if isinstance(value, str) else value
        for name, value in settings.model_dump(mode="json").items()
    }
    defaults = Settings.model_construct().model_dump(mode="json")
    return [
        Setting(
            _variable(field), info.description or "", defaults[field], values[field], field in settings.model_fields_set
        )
        for field, info in Settings.model_fields.items()
    ]


def read_settings() -> Settings:
    """Read the environment.

    Raises
    ------
    InvalidInput : a variable has a value that makes no sense, or is none of ours; the message names it.
    """
    _refuse_unknown_names(os.environ)
    try:
        return Settings()
    except ValidationError as exc:
        wrong = [
            f"{_variable(str(error['loc'][0]))}: {validation_message(_without_secret(dict(error)))}"
            for error in exc.errors()
            if error["type"] != "default_factory_not_called"  # skip defaults that are computed from a wrong setting
        ]
        raise InvalidInput("; ".join(wrong)) from exc


def release() -> str:
    """Return the release of Inkrow."""
    try:
        return importlib.metadata.version("inkrow")
    except importlib.metadata.PackageNotFoundError:  # run from a checkout that was not installed
        return "0+unknown"


def _variable(field: str) -> str:
    return f"{_PREFIX}{field.upper()}"


def _without_secret(error: dict[str, Any]) -> dict[str, Any]:
    is_secret = SecretStr in get_args(Settings.model_fields[str(error["loc"][0])].annotation)
    return {**error, "input": None, "msg": error["msg"].replace("items", "characters")} if is_secret else error


def _refuse_unknown_names(variables: Iterable[str]) -> None:
    """Refuse misspelt settings, which would otherwise be ignored."""
    known = [_variable(field) for field in Settings.model_fields]
    unknown = []
    for variable in variables:
        name = variable.upper()  # Settings ignores the case of names
        if name.startswith(_PREFIX) and variable not in known and variable not in _OF_THE_TESTS:
            close = get_close_matches(name, known, n=1, cutoff=0.8)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
            unknown.append(f"there is no setting {variable}; {hint}")
    if unknown:
        raise InvalidInput("; ".join(sorted(unknown)))
