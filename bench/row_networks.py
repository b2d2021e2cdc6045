"""The row network beside PyTorch: the same layers, weights and rows, in one run, in turns."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from msgspec.structs import replace
from timing import in_turns
from twin import to_torch

from app.datasets import Composed, RowSource, RowVariation, RowVariety, load_synthetic
from app.datasets.rows.stream import draw_batch
from app.nn import BLANK, Inference
from app.ocr import build_network
from app.training import Run, load_recipe
from app.training.epochs.row_data import ROW_ALPHABET
from app.training.epochs.row_loss import RowTruth
from app.training.epochs.step import Batch
from app.vision import COLUMN_PX, STRIP_HEIGHT

_ROW_PX = 1000  # a row of 40 characters, 25 pixels each


def row_figures(threads: int, rounds: int) -> dict[str, dict[str, float]]:
    """Training of the recipe `rows`, and one row of 40 characters on one thread."""
    recipe = replace(load_recipe("rows"), average=None)
    run = Run(recipe, ROW_ALPHABET, "")
    source = RowSource([Composed(load_synthetic("train"), ())], [1.0])
    drawn = draw_batch(source, RowVariety(RowVariation(), 0.0, recipe.lanes, recipe.columns), (0,))
    parts, whole = (run.objective.parts(drawn, shards) for shards in (recipe.shards, 1))
    lr = recipe.phases[0].lr

    def by_us() -> None:
        with ThreadPoolExecutor(threads) as pool:
            run.step(Batch(parts, (0, 0, 0, 0)), lr, pool)

    seconds = in_turns({"ours": by_us, "PyTorch": _torch_step(run, *whole[0], lr)}, rounds)
    speed = {name: len(drawn.texts) / value for name, value in seconds.items()}
    strip = np.random.default_rng(0).random((1, 1, STRIP_HEIGHT, _ROW_PX // COLUMN_PX * COLUMN_PX), np.float32)
    inference = Inference(run.network, batch_size=1)
    one = in_turns({"ours": lambda: inference.predict(strip)}, 3 * rounds)
    return {
        f"rows, training in batches of {len(drawn.texts)}, rows/s": speed
        | {"ours over PyTorch": speed["ours"] / speed["PyTorch"]},
        "rows, a row of 40 characters on one thread, ms": {name: 1e3 * value for name, value in one.items()},
    }


def _torch_step(run: Run, images: np.ndarray, truth: RowTruth, lr: float) -> Callable[[], None]:
    network = build_network({**run.recipe.network, "classes": run.objective.classes}, np.random.default_rng(0))
    twin = to_torch(network).train()
    optimiser = torch.optim.AdamW(twin.parameters(), lr=lr)
    x, targets, lengths = (torch.from_numpy(array) for array in (images, truth.targets, truth.lengths))
    columns = torch.tensor([place.stop - place.start for place in truth.places])

    def step() -> None:
        optimiser.zero_grad()
        logits = twin(x)
        rows = [logits[place.lane, place.start : place.stop] for place in truth.places]
        log_p = torch.log_softmax(torch.nn.utils.rnn.pad_sequence(rows), -1)
        loss = torch.nn.functional.ctc_loss(log_p, targets, columns, lengths, BLANK, reduction="none").mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(twin.parameters(), run.recipe.clip or torch.inf)
        optimiser.step()

    return step
