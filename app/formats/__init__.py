"""A reading as a file: a module for each format, and the list that the service and the command line share."""

from app.formats.document import as_document, as_sourced_document, to_json
from app.formats.overlay import STAGES
from app.formats.registry import FORMATS, Format, find_format
from app.formats.sheet import Model, Sheet, writable

__all__ = [
    "FORMATS",
    "STAGES",
    "Format",
    "Model",
    "Sheet",
    "as_document",
    "as_sourced_document",
    "find_format",
    "to_json",
    "writable",
]
