"""Our networks beside PyTorch and ONNX Runtime: the same layers and weights, in one run, in turns.

    make bench-networks

Each way is warmed up, then all are timed in turns, several times over, so that whatever else the machine does hits all
alike; figures are medians. Before anything is timed the answers are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import prod
from pathlib import Path

# Before NumPy is loaded: shards bring their own threads, and each product then has one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import onnxruntime
import torch
from msgspec.structs import replace
from row_networks import row_figures
from threadpoolctl import threadpool_info
from timing import in_turns
from twin import to_onnx, to_torch

from app.memory import keep_freed_memory
from app.nn import Conv2D, Dense, Inference, Layer, Residual, Sequential, ctc_loss
from app.ocr import Alphabet, build_network
from app.training import GlyphRecipe, Run, load_glyph_recipe
from app.training.epochs.step import Batch

_CLASSES = {"handprint": 94, "seed": 36}
_GLYPH = (1, 32, 32)
_INFERENCE_BATCH = 128


def main() -> None:
    """Measure, print a table, and write it as JSON if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    keep_freed_memory()  # as `train_phase` does; PyTorch gains by it, too
    kernels = {pool["architecture"] for pool in threadpool_info() if pool.get("internal_api") == "openblas"}
    print(
        f"{platform.processor() or platform.machine()}, {arguments.threads} threads; NumPy {np.__version__} "
        f"with OpenBLAS for {', '.join(sorted(kernels))}, "
        f"PyTorch {torch.__version__}, ONNX Runtime {onnxruntime.__version__}\n"
    )
    figures = {
        "matrix product, GFLOP/s": {"one thread": _peak_gflops(arguments.rounds)},
        **_seed_epoch(arguments.rounds),
        **_handprint_training(arguments.threads, arguments.rounds),
        **_handprint_inference(arguments.threads, arguments.rounds),
        **_ctc(arguments.rounds),
        **row_figures(arguments.threads, max(3, arguments.rounds // 3)),
    }
    for what, values in figures.items():
        print(what)
        for name, value in values.items():
            print(f"    {name:30s} {value:10.2f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


def _seed_epoch(rounds: int) -> dict[str, dict[str, float]]:
    """One epoch of the original experiment's network: 300 batches of 36 glyphs."""
    recipe = load_glyph_recipe("unipen36")
    network = _network(recipe, "seed")
    batches = _batches(recipe, _CLASSES["seed"], count=300)
    by_torch = _torch_epoch(recipe, network, batches)
    seconds = in_turns(
        {
            "ours, one thread": lambda: _our_epoch(recipe, _CLASSES["seed"], batches, 1),
            "PyTorch": by_torch,
            "PyTorch, one thread": lambda: _on_one_thread(by_torch),
        },
        max(3, rounds // 3),
    )
    ratios = {f"{name} over ours": seconds[name] / seconds["ours, one thread"] for name in list(seconds)[1:]}
    return {"seed, a training epoch of 10,800 glyphs in batches of 36, s": seconds | ratios}


def _on_one_thread(epoch: Callable[[], object]) -> None:
    """Products this small are not worth a second thread; PyTorch does not see that by itself."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        epoch()
    finally:
        torch.set_num_threads(threads)


def _handprint_training(threads: int, rounds: int) -> dict[str, dict[str, float]]:
    recipe = load_glyph_recipe("handprint")
    network = _network(recipe, "handprint")
    batches = _batches(recipe, _CLASSES["handprint"], count=8)
    seconds = in_turns(
        {
            "ours": lambda: _our_epoch(recipe, _CLASSES["handprint"], batches, threads),
            "PyTorch": _torch_epoch(recipe, network, batches),
        },
        rounds,
    )
    glyphs = len(batches) * recipe.batch_size
    speed = {name: glyphs / value for name, value in seconds.items()}
    title = f"handprint, training in batches of {recipe.batch_size}, glyphs/s"
    return {
        title: speed
        | {
            "ours over PyTorch": speed["ours"] / speed["PyTorch"],
            "ours, GFLOP/s": 3 * _flops(network) * speed["ours"] / 1e9,
        }
    }


def _handprint_inference(threads: int, rounds: int) -> dict[str, dict[str, float]]:
    network = _network(load_glyph_recipe("handprint"), "handprint")
    glyphs = np.random.default_rng(0).random((_INFERENCE_BATCH, *_GLYPH), np.float32)
    ours = Inference(network, threads=threads)
    twin = to_torch(network).eval()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(to_onnx(network, _GLYPH), options, ["CPUExecutionProvider"])

    def by_torch() -> np.ndarray:
        with torch.inference_mode():
            return twin(torch.from_numpy(glyphs)).numpy()

    ways: dict[str, Callable[[], np.ndarray]] = {
        "ours": lambda: ours.predict(glyphs),
        "PyTorch": by_torch,
        "ONNX Runtime": lambda: session.run(None, {"x": glyphs})[0],
    }
    for name, way in ways.items():
        np.testing.assert_allclose(way(), network.predict(glyphs), rtol=1e-3, atol=1e-4, err_msg=name)
    speed = {name: _INFERENCE_BATCH / value for name, value in in_turns(ways, rounds).items()}
    return {
        f"handprint, inference in batches of {_INFERENCE_BATCH}, glyphs/s": speed
        | {
            "ours over PyTorch": speed["ours"] / speed["PyTorch"],
            "ours, GFLOP/s": _flops(network) * speed["ours"] / 1e9,
        }
    }


def _ctc(rounds: int) -> dict[str, dict[str, float]]:
    """The loss of a batch of rows and its gradient; on one thread each."""
    rng = np.random.default_rng(0)
    n, t, k, s = 48, 150, 96, 30
    logits = rng.normal(size=(n, t, k)).astype(np.float32)
    columns, lengths, targets = rng.integers(100, t + 1, n), rng.integers(5, s + 1, n), rng.integers(1, k, (n, s))

    def by_torch() -> np.ndarray:
        x = torch.tensor(logits, requires_grad=True)
        log_p = torch.log_softmax(x, -1).transpose(0, 1)
        texts = map(torch.from_numpy, (targets, columns, lengths))
        torch.nn.functional.ctc_loss(log_p, *texts, reduction="none").mean().backward()
        return x.grad.numpy()

    np.testing.assert_allclose(ctc_loss(logits, columns, targets, lengths)[1], by_torch(), atol=1e-4)
    seconds = in_turns(
        {
            "ours": lambda: ctc_loss(logits, columns, targets, lengths),
            "PyTorch": lambda: _on_one_thread(by_torch),
        },
        rounds,
    )
    title = f"CTC loss and gradient of {n} rows of up to {t} columns and {s} characters, ms"
    return {
        title: {name: 1e3 * value for name, value in seconds.items()}
        | {"ours over PyTorch": seconds["ours"] / seconds["PyTorch"]}
    }


def _our_epoch(recipe: GlyphRecipe, classes: int, batches: list[tuple[np.ndarray, np.ndarray]], threads: int) -> None:
    """What the epoch loop does with each batch."""
    run = Run(replace(recipe, average=None), Alphabet("".join(map(chr, range(33, 33 + classes)))), "")
    with ThreadPoolExecutor(threads) as pool:
        for number, batch in enumerate(batches):
            parts = list(zip(*(np.split(array, recipe.shards) for array in batch), strict=True))
            run.step(Batch(parts, (0, 0, number, 0)), recipe.phases[0].lr, pool)


def _torch_epoch(
    recipe: GlyphRecipe, network: Sequential, batches: list[tuple[np.ndarray, np.ndarray]]
) -> Callable[[], None]:
    tensors = [(torch.from_numpy(glyphs), torch.from_numpy(classes)) for glyphs, classes in batches]
    loss = torch.nn.CrossEntropyLoss(label_smoothing=recipe.loss.smoothing, reduction=recipe.loss.reduction)

    def epoch() -> None:
        twin = to_torch(network).train()
        lr = recipe.phases[0].lr
        kind = {"AdamW": torch.optim.AdamW, "SGD": torch.optim.SGD}[type(recipe.optimiser.build()).__name__]
        optimiser = kind(twin.parameters(), lr=lr)
        for glyphs, classes in tensors:
            optimiser.zero_grad()
            loss(twin(glyphs), classes).backward()
            optimiser.step()

    return epoch


def _network(recipe: GlyphRecipe, name: str) -> Sequential:
    return build_network({**recipe.network, "classes": _CLASSES[name]}, np.random.default_rng(0))


def _batches(recipe: GlyphRecipe, classes: int, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(0)
    shape = (recipe.batch_size, *_GLYPH)
    return [(rng.random(shape, np.float32), rng.integers(0, classes, recipe.batch_size)) for _ in range(count)]


def _peak_gflops(rounds: int, side: int = 1024) -> float:
    a = np.random.default_rng(0).random((side, side), np.float32)
    return 2 * side**3 / in_turns({"product": lambda: a @ a}, rounds)["product"] / 1e9


def _flops(network: Sequential) -> float:
    """Floating-point operations of one glyph forward, in convolutions and dense layers."""
    x = np.zeros((1, *_GLYPH), np.float32)
    return _flops_of(network, x)[0]


def _flops_of(network: Sequential, x: np.ndarray) -> tuple[float, np.ndarray]:
    total = 0.0
    for layer in network.layers.values():
        y, _ = layer.forward(x)
        total += _layer_flops(layer, x, y)
        x = y
    return total, x


def _layer_flops(layer: Layer, x: np.ndarray, y: np.ndarray) -> float:
    if isinstance(layer, Residual) and isinstance(layer.body, Sequential):
        return _flops_of(layer.body, x)[0]
    if isinstance(layer, Conv2D):
        return 2.0 * y.size * layer.in_channels * prod(layer.kernel_size)
    return 2.0 * y.size * layer.in_features if isinstance(layer, Dense) else 0.0


if __name__ == "__main__":
    main()
