"""What is known of a character: the table of the package."""

from __future__ import annotations

import re
from pathlib import Path

from app.ocr import priors


def test_the_package_says_of_every_module_what_it_is_for():
    modules = {file.stem for file in Path(priors.__file__).parent.rglob("*.py")} - {"__init__"}
    assert modules <= {*re.findall(r"`(\w+)`", priors.__doc__)}
