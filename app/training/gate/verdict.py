"""The checks of the gate, with their limits, and the verdict that they add up to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.training.gate.contest import Outcome
from app.training.gate.paired import p_worse
from app.training.measuring.calibration import calibration_gap
from app.training.measuring.evaluation import ONE_SHAPE

ALPHA = 0.05
"""A candidate with more errors is worse if chance alone would make so many more with a lower probability than this."""
CLASS_MARGIN, LOOK_ALIKE_MARGIN = 0.1, 0.3
"""The largest drop in the share of a character's samples that are named rightly; the second for look-alikes.

Whether a single ring is called 0 or O is nearly arbitrary, and any training changes it. On a page, size and context
decide that.
"""
CLASS_ALPHA, CLASS_SUPPORT = 0.01, 20
"""A drop counts only if chance alone would cause it with a lower probability, and only from so many samples on."""
CALIBRATION_MARGIN = 0.03
"""The most that the expected calibration error may grow by."""

_LOOK_ALIKES = "".join(ONE_SHAPE)


@dataclass(frozen=True)
class Check:
    """One thing that a candidate must not fail.

    Attributes
    ----------
    code : what was checked, and on what: ``errors-on-pages``
    sentence : what was found, and what was allowed
    figures : of both sides, in JSON's types
    """

    code: str
    passed: bool
    sentence: str
    figures: dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """Whether a candidate may become the champion; there is no champion if it is the first."""

    model: str
    candidate: str
    champion: str | None
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return all(check.passed for check in self.checks)

    @property
    def sentence(self) -> str:
        """The verdict in one sentence; of the checks only those that failed."""
        if self.passed:
            count = len(self.checks)
            return f"{self.model} {self.candidate} may serve: it passed {count} {'check' if count == 1 else 'checks'}"
        failed = "; ".join(check.sentence for check in self.checks if not check.passed)
        return f"{self.model} {self.candidate} may not take the place of {self.champion}: {failed}"

    def document(self) -> dict[str, Any]:
        """Return all of it in JSON's types."""
        checks = [asdict(check) for check in self.checks]
        return {"passed": self.passed, "sentence": self.sentence, **asdict(self), "checks": checks}


def check_errors(code: str, things: str, candidate: Outcome, champion: Outcome) -> Check:
    """Check that there are no more errors than chance explains, thing by thing."""
    more = candidate.errors - champion.errors
    p = p_worse(more)
    passed = p >= ALPHA
    figures = {
        "count": len(more),
        "better": int((more < 0).sum()),
        "worse": int((more > 0).sum()),
        "candidate_error_rate": candidate.error_rate,
        "champion_error_rate": champion.error_rate,
        "p_by_chance": p,
        "alpha": ALPHA,
    }
    sentence = (
        f"{len(more)} {things}: error rate {_percent(candidate.error_rate)}, the champion's "
        f"{_percent(champion.error_rate)}; {figures['better']} read better and {figures['worse']} worse, which "
        f"{'is not worse beyond chance' if passed else 'is worse'} (p = {p:.2g}, expected {ALPHA} or more)"
    )
    return Check(code, passed, sentence, figures)


def check_classes(code: str, things: str, candidate: Outcome, champion: Outcome) -> Check:
    """Check that no character is read rightly less often by more than its margin, beyond chance."""
    found = [*_classes(candidate.right, champion.right, champion.written)]
    fallen = [one for one in found if one["drop"] > one["margin"] and one["p_by_chance"] < CLASS_ALPHA]
    figures = {
        "classes": len(found),
        "fallen": fallen,
        "worst": max(found, key=lambda one: float(one["drop"]), default=None),
        "alpha": CLASS_ALPHA,
    }
    which = ", ".join(f"{one['char']} {_percent(one['candidate'])} after {_percent(one['champion'])}" for one in fallen)
    margins = f"{100 * CLASS_MARGIN:g} points, of look-alikes {100 * LOOK_ALIKE_MARGIN:g}"
    limits = f"expected no fall by more than {margins}, with p < {CLASS_ALPHA}"
    sentence = f"{len(found)} characters on {things}: {f'fallen: {which}' if fallen else 'none has fallen'} ({limits})"
    return Check(code, not fallen, sentence, figures)


def _classes(
    candidate: NDArray[np.bool_], champion: NDArray[np.bool_], written: NDArray[np.str_]
) -> Iterator[dict[str, Any]]:
    for char in np.unique(written).tolist():
        mask = written == char
        if (support := int(mask.sum())) >= CLASS_SUPPORT:
            before, after = float(champion[mask].mean()), float(candidate[mask].mean())
            p = p_worse(champion[mask].astype(int) - candidate[mask].astype(int))
            yield {
                "char": char,
                "support": support,
                "champion": before,
                "candidate": after,
                "drop": before - after,
                "margin": LOOK_ALIKE_MARGIN if char in _LOOK_ALIKES else CLASS_MARGIN,
                "p_by_chance": p,
            }


def check_calibration(code: str, things: str, candidate: Outcome, champion: Outcome) -> Check:
    """Check that the calibration error has not grown by more than the margin."""
    after, before = (calibration_gap(one.confidence, one.sound) for one in (candidate, champion))
    passed = after <= before + CALIBRATION_MARGIN
    figures = {
        "count": len(candidate.confidence),
        "candidate_calibration_error": after,
        "champion_calibration_error": before,
        "margin": CALIBRATION_MARGIN,
    }
    sentence = (
        f"calibration error on {things}: {after:.3f}, the champion {before:.3f} "
        f"(expected no growth by more than {CALIBRATION_MARGIN})"
    )
    return Check(code, passed, sentence, figures)


def check_taught(code: str, things: str, candidate: Outcome, champion: Outcome) -> Check:
    """Check that there are fewer errors on held-out corrections, or none at all for both versions."""
    after, before = int(candidate.errors.sum()), int(champion.errors.sum())
    passed = after < before or after == before == 0
    figures = {
        "count": len(candidate.errors),
        "chars": int(candidate.chars.sum()),
        "candidate_errors": after,
        "champion_errors": before,
    }
    sentence = (
        f"{len(candidate.errors)} corrected {things} held out of training: {after} errors, the champion {before} "
        f"(expected {'none' if before == 0 else 'fewer'})"
    )
    return Check(code, passed, sentence, figures)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
