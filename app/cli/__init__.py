"""The same calls as the service, for a terminal.

Whatever is slow to import is imported inside the commands, so that ``--help`` is instant.
"""

from app.cli import (
    calibrating,
    comparing,
    correcting,
    data,
    experiment,
    keys,
    language,
    likeness,
    measuring,
    models,
    reading,
    retrain,
    serving,
    settings,
    sweeping,
    synth,
    training,
    worker,
)
from app.cli.shell import app

__all__ = [
    "app",
    "calibrating",
    "comparing",
    "correcting",
    "data",
    "experiment",
    "keys",
    "language",
    "likeness",
    "main",
    "measuring",
    "models",
    "reading",
    "retrain",
    "serving",
    "settings",
    "sweeping",
    "synth",
    "training",
    "worker",
]


def main() -> None:
    """Run the command line; what the installed ``inkrow`` calls."""
    app()
