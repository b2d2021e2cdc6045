"""What the XML formats share."""

from __future__ import annotations

from xml.etree import ElementTree

from app.formats.sheet import writable
from app.ocr import Glyph

_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def new_root(tag: str, namespace: str, /, **attributes: object) -> ElementTree.Element:
    """Start a document whose elements are all in one namespace, and so are written without a prefix."""
    return ElementTree.Element(tag, {"xmlns": namespace, **_strings(attributes)})


def schema_location(namespace: str, address: str) -> dict[str, str]:
    """Return the attributes of a root that say where its schema is published."""
    return {"xmlns:xsi": _XSI, "xsi:schemaLocation": f"{namespace} {address}"}


def add(parent: ElementTree.Element, tag: str, text: str | None = None, /, **attributes: object) -> ElementTree.Element:
    """Append an element and return it; characters that XML cannot hold are replaced."""
    element = ElementTree.SubElement(parent, tag, _strings(attributes))
    element.text = None if text is None else writable(text)
    return element


def serialise(root: ElementTree.Element, doctype: str | None = None) -> bytes:
    """Return the document in UTF-8, with its declaration and a line break at its end."""
    prolog = '<?xml version="1.0" encoding="UTF-8"?>\n' + (f"<!DOCTYPE {doctype}>\n" if doctype else "")
    return f"{prolog}{ElementTree.tostring(root, encoding='unicode')}\n".encode()


def probability(confidence: float) -> str:
    """Write a confidence with four decimals, never in scientific notation."""
    return f"{confidence:.4f}"


def readings_of(glyph: Glyph) -> list[tuple[str, float]]:
    """List all that a glyph may be, likeliest first, each with its confidence."""
    return [(glyph.char, glyph.confidence), *((other.char, other.confidence) for other in glyph.alternatives)]


def _strings(attributes: dict[str, object]) -> dict[str, str]:
    # A trailing underscore lets Python's own words be attributes: class_.
    return {name.rstrip("_"): writable(str(value)) for name, value in attributes.items()}
