"""The least HTTP server that a rival needs: ``python -m bench.serve_reader NAME PORT``.

As ours it takes an image as the form field ``file`` of ``POST /ocr``, reads in the thread pool with a model that was
loaded once, and lets no more pages be read at a time than there are cores.
"""

from __future__ import annotations

import os
import sys
from queue import Queue

import uvicorn
from fastapi import FastAPI, UploadFile

from bench.readers import READERS, Reader


def create_app(name: str) -> FastAPI:
    """Load the reader, once for each core if threads cannot share it, and make the application."""
    app = FastAPI()
    free: Queue[Reader] = Queue()
    cores = os.cpu_count() or 1
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


if __name__ == "__main__":
    uvicorn.run(create_app(sys.argv[1]), port=int(sys.argv[2]), log_level="warning")
