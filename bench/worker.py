"""A reader in a process of its own, asked through its standard input; ``python -m bench.worker NAME``.

Apart, so that no library gets into another's way, each may have its own environment, and memory can be told apart.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from time import perf_counter

from bench.readers import READERS, Reading


def main(name: str) -> None:
    """Load the reader, say so, and then answer each line, the path of an image, with a line of JSON."""
    # What the libraries print must not get between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    reader = READERS[name]()
    print(json.dumps({"title": reader.title}), file=answers, flush=True)
    for line in sys.stdin:
        source = Path(line.rstrip("\n")).read_bytes()
        reading, error = Reading(""), None
        start = perf_counter()
        try:
            reading = reader.read(source)
        except Exception as exc:  # a page that a rival's library chokes on is a page not read, whatever it raises
            error = f"{type(exc).__name__}: {exc}"
        ms = (perf_counter() - start) * 1e3
        print(json.dumps({"ms": ms, "error": error, **asdict(reading)}), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
