"""The same calls as the service, for a terminal.

Whatever is slow to import is imported inside the commands, so that ``--help`` is instant.
"""

from app.cli.commands import (  # noqa: F401  # each adds itself to `app`
    build_language,
    calibrate,
    config,
    corrections,
    data,
    evaluate,
    experiment,
    fit_likeness,
    keys,
    models,
    models_compare,
    read,
    retrain,
    serve,
    sweep,
    synth,
    train,
    worker,
)
from app.cli.shell import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; what the installed ``inkrow`` calls."""
    app()
