"""Corrections that people made, and pages kept so that they can be corrected, in the database and in files."""

from app.corrections.archive import read_archive, write_archive
from app.corrections.correction import LONGEST_TEXT, Correction, Level, correction_id
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
    "correction_id",
    "digest_of",
    "read_archive",
    "write_archive",
]
