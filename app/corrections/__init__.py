"""What people corrected, and the pages that they let us keep for it: kept durably, given out, deleted."""

from app.corrections.archive import read_archive, write_archive
from app.corrections.correction import LONGEST_TEXT, Correction, Level, Sides, correction_id
from app.corrections.image_files import digest_of
from app.corrections.kept_pages import Doubt, DoubtKey, KeptPage, KeptPages, Place
from app.corrections.store import CorrectionStore

__all__ = [
    "LONGEST_TEXT",
    "Correction",
    "CorrectionStore",
    "Doubt",
    "DoubtKey",
    "KeptPage",
    "KeptPages",
    "Level",
    "Place",
    "Sides",
    "correction_id",
    "digest_of",
    "read_archive",
    "write_archive",
]
