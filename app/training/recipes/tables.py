"""What all tables of a recipe share, and the tables of optimisers and schedules, which `app.nn` implements."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, TypeAlias, TypeVar, get_args

import msgspec
from msgspec import Meta, Struct

from app.errors import InvalidInput
from app.nn import SGD, AdamW, constant, cosine, one_cycle, step_decay

# Excludes infinity, which TOML can express; msgspec does not accept infinity itself as a bound.
_LARGEST = sys.float_info.max
AtLeastZero: TypeAlias = Annotated[float, Meta(ge=0, le=_LARGEST)]
AboveZero: TypeAlias = Annotated[float, Meta(gt=0, le=_LARGEST)]
BelowOne: TypeAlias = Annotated[float, Meta(ge=0, lt=1)]
UpToOne: TypeAlias = Annotated[float, Meta(ge=0, le=1)]


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a recipe: strict types, and only the listed keys.

    Building one in Python checks nothing; `load_recipe` and `RunRecipe.changed` do.
    """

    def as_table(self) -> dict[str, Any]:
        """Return the table as a file would hold it, with all defaults, in JSON's types."""
        table: dict[str, Any] = msgspec.to_builtins(self)
        return table


class AdamWTable(Table, tag_field="name", tag="adamw", frozen=True):
    """The settings of `app.nn.AdamW`."""

    beta1: BelowOne = AdamW.beta1
    beta2: BelowOne = AdamW.beta2
    epsilon: AboveZero = AdamW.epsilon
    weight_decay: AtLeastZero = AdamW.weight_decay

    def build(self) -> AdamW:
        """Return the optimiser."""
        return AdamW(self.beta1, self.beta2, self.epsilon, self.weight_decay)


class SGDTable(Table, tag_field="name", tag="sgd", frozen=True):
    """The settings of `app.nn.SGD`."""

    momentum: BelowOne = SGD.momentum

    def build(self) -> SGD:
        """Return the optimiser."""
        return SGD(self.momentum)


Optimiser: TypeAlias = AdamWTable | SGDTable


def _default(schedule: Any, setting: str) -> Any:
    return schedule.__kwdefaults__[setting]


class AnySchedule(Table, tag_field="name", frozen=True):
    """The settings of a schedule, by the names that `rule` has for them."""

    rule: ClassVar[Callable[..., float]]

    def lr(self, step: int, steps: int, peak_lr: float) -> float:
        """Return the learning rate of a step."""
        return type(self).rule(step, steps, peak_lr, **msgspec.structs.asdict(self))


class OneCycleTable(AnySchedule, tag="one-cycle", frozen=True):
    """The settings of `app.nn.one_cycle`."""

    rule = one_cycle
    warmup: UpToOne = _default(one_cycle, "warmup")
    start: UpToOne = _default(one_cycle, "start")


class CosineTable(AnySchedule, tag="cosine", frozen=True):
    """The settings of `app.nn.cosine`."""

    rule = cosine
    floor: UpToOne = _default(cosine, "floor")


class StepTable(AnySchedule, tag="step", frozen=True):
    """The settings of `app.nn.step_decay`."""

    rule = step_decay
    drops: tuple[UpToOne, ...] = _default(step_decay, "drops")
    factor: UpToOne = _default(step_decay, "factor")


class ConstantTable(AnySchedule, tag="constant", frozen=True):
    """`app.nn.constant`, which has no settings."""

    rule = constant


Schedule: TypeAlias = OneCycleTable | CosineTable | StepTable | ConstantTable

# What the key "name" of each such table may be.
_KINDS = {
    f"{key}.name": [kind.__struct_config__.tag for kind in get_args(kinds)]
    for key, kinds in (("optimiser", Optimiser), ("schedule", Schedule))
}


_T = TypeVar("_T", bound=Struct)


def converted(table: Mapping[str, Any], kind: type[_T]) -> _T:
    """Check a table, and return the object that it describes.

    Raises
    ------
    InvalidInput : a key or value is wrong; the message names the key, what was expected and what came.
    """
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as exc:
        raise InvalidInput(_explained(str(exc), table)) from exc


def _explained(message: str, table: Mapping[str, Any]) -> str:
    """Turn msgspec's "Expected X - at `$.key`" into "key: expected X, got VALUE"."""
    said, _, at = message.partition(" - at `$")
    said = said[0].lower() + said[1:]
    keys: list[str | int] = [int(number) if number else name for name, number in re.findall(r"\.(\w+)|\[(\d+)\]", at)]
    value: Any = table
    for key in keys:
        value = value[key]
    place = re.sub(r"^\.|`$", "", at)
    if said.startswith("invalid value"):  # a key that names a kind of table
        said = f"expected one of {', '.join(map(repr, _KINDS[place]))}, got {value!r}"
    elif ", got" not in said and not isinstance(value, dict):
        said = f"{said}, got {value!r}"
    return f"{place}: {said}" if place else said
