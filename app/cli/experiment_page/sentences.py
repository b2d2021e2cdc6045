"""What the experiment's numbers say, in words: nothing here is known before it has been measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.inspection import most_confused, neighbour_correlation, weight_images
from app.vision import GLYPH_SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.training import Trial
    from app.training.experiment.demonstrations import ConvolutionStep, GradientStep, SoftmaxStep
    from app.training.experiment.experiment import Experiment, Measured, StartingScale

# What the original experiment found; the sentences say of each whether it is so here.
_ORIGINAL_PAIRS = ("0O", "5S", "2Z")
# `gradient_check` calls less than this right.
_RIGHT = 1e-6
_WORST = 10
SPLITS = {"train": "training", "valid": "validation", "test": "test"}
# Two accuracies no further apart than this are written alike.
_SAME = 0.0005


def percent(share: float) -> str:
    """Write a share with one decimal; the sign stays on the line of the number."""
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


def points(difference: float) -> str:
    """Write the distance of two shares."""
    return f"{100 * abs(difference):.1f} points"


def chance(count: int, share: float) -> float:
    """Return two standard errors of the difference of two shares near `share`, each measured on `count` glyphs."""
    return float(2 * (2 * share * (1 - share) / count) ** 0.5)


def on_softmax(step: SoftmaxStep) -> str:
    """Tell what the shift changes, and what happens without it."""
    same = f"Taking off the largest logit changes no probability by more than {step.difference:.1g}."
    if not step.overflowed:
        return f"{same} With {step.offset:g} added to every logit the formula still gives numbers."
    still = "do not move" if step.far_difference == 0 else f"move by no more than {step.far_difference:.1g}"
    return (
        f"{same} With {step.offset:g} added to every logit, {step.overflowed} of {len(step.logits)} results of the "
        f"plain formula are not numbers; those of the shifted one {still}."
    )


def on_gradients(step: GradientStep) -> str:
    """Tell whether the chain rule and finite differences agree."""
    verdict = "they agree" if step.worst < _RIGHT else f"they do NOT agree: below {_RIGHT:g} would be right"
    return f"Of {step.compared:,} derivatives the worst is off by {step.worst:.1g} of the largest beside it: {verdict}."


def on_convolution(step: ConvolutionStep) -> str:
    """Tell the shapes of the product, and how far it is from the slow way."""
    same = "to the last bit" if step.difference == 0 else f"up to {step.difference:.1g}"
    return (
        f"At full size, {_by(step.fields_shape)} fields times a {_by(step.matrix_shape)} matrix of kernels give the "
        f"{_by(step.result_shape[1:])} maps of {step.result_shape[0]} glyphs, equal to those of SciPy’s correlation "
        f"{same}."
    )


def on_starts(starts: Sequence[StartingScale], units: int, classes: int) -> list[str]:
    """Tell what comes of first weights of nothing, of too little, and of too much."""
    usual = next(start for start in starts if start.factor == 1)
    sentences = []
    for start in starts:
        if start.factor == 0:
            what = (
                f"all {units} hidden units are still copies of one"
                if start.distinct_units == 1
                else f"{start.distinct_units} of {units} hidden units differ"
            )
            sentences.append(
                f"From all zeros, after {start.epochs} epochs {what}, and {percent(start.accuracy)} of the validation "
                f"glyphs are named rightly; guessing gives {percent(1 / classes)}, Glorot’s scale "
                f"{percent(usual.accuracy)}."
            )
        elif start.factor != 1:
            lead = usual.accuracy - start.accuracy
            sentences.append(
                f"At {start.factor:g} times Glorot’s scale the hidden activations vary by {start.hidden_variance:.2g} "
                f"instead of {usual.hidden_variance:.2g}, {percent(start.flat)} of the sigmoids are flat, and after "
                f"{start.epochs} epochs the network is {_worse(lead)}."
            )
    return sentences


def on_rates(rates: Sequence[Trial], valid_glyphs: int) -> list[str]:
    """Tell which learning rate was best and whether the others are worse, as the original found."""
    reference, *others = rates
    best = max(rates, key=lambda run: run.accuracy)
    doubt = chance(valid_glyphs, best.accuracy)
    ends = ", ".join(f"{run.lr:g}: {_end(run)}" for run in rates)
    found = [f"Validation accuracy in the end, by learning rate: {ends}."]
    leads = [(run, reference.accuracy - run.accuracy) for run in others]
    told = " and ".join(f"{_times(run.lr / reference.lr)} the rate is {_worse(lead)}" for run, lead in leads)
    contrary = [run for run, lead in leads if lead < _SAME]
    if not contrary:
        found.append(f"{reference.lr:g} is best, as the original experiment found: {told}.")
    else:
        names = " and ".join(f"{_times(run.lr / reference.lr)} the rate" for run in contrary)
        found.append(
            f"The original experiment found {reference.lr:g} best. Here that does not hold for {names}: {told}; "
            f"best is {best.lr:g}."
        )
    if unsure := [run for run, lead in leads if 0 < abs(lead) < doubt]:
        names = " and ".join(f"{run.lr:g}" for run in unsure)
        found.append(
            f"On {valid_glyphs:,} glyphs a difference below {points(doubt)} may be chance, so that of {names} is not "
            "sure."
        )
    if reference.curves:
        last, top = reference.curves[-1], max(reference.curves, key=lambda epoch: epoch.valid_accuracy)
        found.append(
            f"At {reference.lr:g} validation was at its best, {percent(top.valid_accuracy)}, after epoch "
            f"{top.epoch + 1}; in the end {percent(last.train_accuracy)} of the training glyphs are named rightly."
        )
    return found


def on_weights(experiment: Experiment) -> str:
    """Tell how the first layer's weights changed."""
    shape = (GLYPH_SIZE, GLYPH_SIZE)
    before, after = (
        neighbour_correlation(weight_images(weight, shape))
        for weight in (experiment.initial_weight, experiment.trained_weight)
    )
    verdict = "strokes have come out of noise" if after > before + 0.1 else "no shapes have come out of the noise"
    sizes = [float(weight.std()) for weight in (experiment.initial_weight, experiment.trained_weight)]
    return (
        f"Neighbouring weights have a correlation of {before:.2f} before and {after:.2f} after training: {verdict}. "
        f"Their standard deviation went from {sizes[0]:.3f} to {sizes[1]:.3f}."
    )


def on_confusion(measured: Measured, chars: str) -> str:
    """Tell where the original’s worst pairs stand."""
    pairs = most_confused(measured.confusion, chars)
    places = {frozenset((pair.first, pair.second)): place for place, pair in enumerate(pairs, 1)}
    known = [pair for pair in _ORIGINAL_PAIRS if set(pair) <= set(chars)]
    told = [f"{'/'.join(pair)} {_place(places.get(frozenset(pair)))}" for pair in known]
    if not told:
        return f"{len(pairs)} pairs of characters are taken for each other."
    among = sum(places.get(frozenset(pair), _WORST + 1) <= _WORST for pair in known)
    verdict = "All are" if among == len(known) else f"{among} of them {'is' if among == 1 else 'are'}"
    return (
        f"The original’s worst pairs were 0/O, 5/S and 2/Z. {verdict} among the "
        f"{_WORST} worst of {len(pairs)} here: {', '.join(told)}."
    )


def on_data(experiment: Experiment) -> str:
    """Tell what was learnt from, and whether the splits are of different people."""
    sizes = ", ".join(
        f"{count:,} glyphs by {experiment.writers[split] or 'unnamed'} writers for {SPLITS[split]}"
        for split, count in experiment.glyphs.items()
    )
    if not all(experiment.writers.values()):
        told = "whether a writer is in two of them is not known"
    elif experiment.shared_writers:
        told = f"writers in more than one of them: {experiment.shared_writers}"
    else:
        told = "no writer is in two of them"
    return f"Data set {experiment.data}: {sizes}; {told}. Seed {experiment.recipe.seed}."


def _place(place: int | None) -> str:
    return "never happens" if place is None else f"at place {place}"


def _worse(lead: float) -> str:
    if abs(lead) < _SAME:
        return "as good"
    return f"{points(lead)} {'worse' if lead > 0 else 'better'}"


def _times(factor: float) -> str:
    return {10.0: "ten times", 0.1: "a tenth of"}.get(round(factor, 6), f"{factor:g} times")


def _end(run: Trial) -> str:
    return percent(run.accuracy) if run.diverged is None else "diverged"


def _by(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape))
