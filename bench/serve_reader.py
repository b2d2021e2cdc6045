"""The least HTTP server that a rival needs: ``python -m bench.serve_reader NAME --port PORT``.

As ours it takes an image as the form field ``file`` of ``POST /ocr``, reads in the thread pool with a model that was
loaded once, and lets no more pages be read at a time than there are cores.
"""

from __future__ import annotations

import argparse
import os
from queue import Queue

import uvicorn
from fastapi import FastAPI, UploadFile

from bench.readers import READERS, Reader

_READER, _PROCESSES = "BENCH_READER", "BENCH_PROCESSES"  # variables by which uvicorn's processes are told


def create_app(name: str, processes: int = 1) -> FastAPI:
    """Load the reader, once for each core if threads cannot share it, and make the application.

    Parameters
    ----------
    processes : that serve side by side and share the cores
    """
    app = FastAPI()
    free: Queue[Reader] = Queue()
    cores = max(1, (os.cpu_count() or 1) // processes)
    reader = READERS[name]()
    for place in range(cores):
        free.put(reader if reader.shareable or place == 0 else READERS[name]())

    @app.get("/readyz")
    def ready() -> dict[str, str]:
        return {"reader": reader.title}

    @app.post("/ocr")
    def read(file: UploadFile) -> dict[str, str]:
        source = file.file.read()
        mine = free.get()
        try:
            return {"text": mine.read(source).text}
        finally:
            free.put(mine)

    return app


def app_of_environment() -> FastAPI:
    """Make the application in one of several processes."""
    return create_app(os.environ[_READER], int(os.environ[_PROCESSES]))


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(prog="python -m bench.serve_reader")
    parser.add_argument("name", choices=READERS)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1, help="processes")
    arguments = parser.parse_args()
    os.environ |= {_READER: arguments.name, _PROCESSES: str(arguments.workers)}
    uvicorn.run(
        "bench.serve_reader:app_of_environment",
        factory=True,
        port=arguments.port,
        workers=arguments.workers,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
