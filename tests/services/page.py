"""What tests of the page in a browser have in common: samples to read, and conditions in JavaScript to wait for."""

from __future__ import annotations

from bench.workers import ROOT

LABEL = ROOT / "samples" / "parts_label.png"
TEXT = LABEL.with_suffix(".txt").read_text(encoding="utf-8")
LIST = ROOT / "samples" / "shopping_list.jpg"
PROBLEM = "!document.querySelector('#problem').hidden"
IDLE = "!document.body.hasAttribute('aria-busy')"


def reads(text: str) -> str:
    """Return the condition that the page shows a reading that begins with a text."""
    return f"document.querySelector('#rows').innerText.startsWith({text!r})"
