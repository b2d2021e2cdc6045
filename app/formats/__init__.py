"""A reading as a file: one writer a format, and the list of them that the service and the command line share."""

from app.formats.document import as_document
from app.formats.registry import FORMATS, Format, find_format
from app.formats.sheet import Model, Sheet

__all__ = ["FORMATS", "Format", "Model", "Sheet", "as_document", "find_format"]
