"""Forms rendered from declared parameters, and what a browser sends back of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.datastructures import FormData

from bilan.sdk.errors import BilanError, Invalid
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Choice, Parameter, ParameterKind
from bilan.sdk.periods import IntervalUnit
from bilan_ui.fields import CONTROL, Field, field_of, id_of
from bilan_ui.textdomain import _


@dataclass(frozen=True)
class Mistake:
    """An error of a form, with the element to jump to."""

    field: str | None
    message: Message


def fields(
    parameters: Iterable[Parameter],
    raw: Mapping[str, Any],
    offered: Mapping[str, Sequence[Choice]],
    errors: Sequence[BilanError] = (),
) -> list[Field]:
    """A field for each parameter, filled with what was given or else the default.

    ``offered`` are the choices by parameter; an error shows next to the field
    that its path names.
    """
    wrong = wrong_in(*errors)
    return [
        field_of(one, raw.get(one.key, one.default), offered.get(one.key, ()), wrong.get(one.key))
        for one in parameters
    ]


def wrong_in(*errors: BilanError | None) -> dict[str, Message]:
    """What is wrong with each field."""
    return {error.path[0]: error.message for error in errors if error is not None and error.path}


def mistakes(*errors: BilanError | None) -> list[Mistake]:
    """The errors to list above a form."""
    found = (error for error in errors if error is not None)
    return [Mistake(id_of(error.path[0]) if error.path else None, error.message) for error in found]


def raw_values(parameters: Iterable[Parameter], form: FormData) -> dict[str, Any]:
    """What the browser sent, in the form that validation takes from anywhere.

    A parameter that the form did not hold is left out and takes its default.
    """
    found: dict[str, Any] = {}
    for parameter in parameters:
        value = _raw(parameter, form)
        if value is not None:
            found[parameter.key] = value
    return found


def _raw(parameter: Parameter, form: FormData) -> Any:
    key, control = parameter.key, CONTROL[parameter.kind]
    match control:
        case "period":
            return _period(key, form)
        case "interval":
            return _interval(key, form)
        case "checks" | "tags" | "flag" | "order" if f"{key}.given" not in form:
            return None
        case "checks":
            return _texts(key, form)
        case "order":
            return _order(key, form)
        case "tags":
            typed = [tag.strip() for tag in text(form, f"{key}.more").split(",")]
            return [*_texts(key, form), *filter(None, typed)]
        case "flag":
            return key in form
        case _:
            return text(form, key) or _emptied(parameter, form)


def _emptied(parameter: Parameter, form: FormData) -> str | None:
    """An empty field empties what was there, unless something must be there: then it is the default."""
    if parameter.key not in form or parameter.kind is ParameterKind.SECRET:
        return None
    return "" if parameter.kind is ParameterKind.TEXT or parameter.default in (None, "") else None


def _period(key: str, form: FormData) -> str | None:
    if f"{key}.preset" not in form:
        return None
    return text(form, f"{key}.preset") or f"{text(form, f'{key}.first')}..{text(form, f'{key}.last')}"


def _interval(key: str, form: FormData) -> str | None:
    if f"{key}.unit" not in form:
        return None
    unit = text(form, f"{key}.unit")
    counted = unit in (IntervalUnit.DAY, IntervalUnit.WEEK)
    return f"{text(form, f'{key}.count') or 1} {unit}s" if counted else unit


def _order(key: str, form: FormData) -> list[str]:
    """What is ticked, in the order in which it stands; nothing where that is all of it as it comes.

    So a report whose parts nobody touched shows whatever parts it gets later. A button moves one up or down.
    """
    shown, way, moved = _texts(f"{key}.shown", form), *_move(key, form)
    if moved in shown:
        place = shown.index(moved)
        other = min(max(place + way, 0), len(shown) - 1)
        shown[place], shown[other] = shown[other], shown[place]
    ticked = set(_texts(key, form))
    chosen = [one for one in shown if one in ticked]
    return [] if chosen == text(form, f"{key}.given").split(",") else chosen


def _move(key: str, form: FormData) -> tuple[int, str]:
    way, _colon, moved = text(form, f"{key}.move").partition(":")
    return (-1 if way == "up" else 1), moved


def moves(form: FormData) -> bool:
    """Whether the form was sent only to move something up or down."""
    return any(key.endswith(".move") for key in form)


def _texts(key: str, form: FormData) -> list[str]:
    return [one for one in form.getlist(key) if isinstance(one, str)]


def text(form: FormData, key: str, default: str = "") -> str:
    """A text of the form. A file where a text belongs is none."""
    given = form.get(key, default)
    return given if isinstance(given, str) else default


def read_day(given: str, field: str) -> date:
    """A day as browsers send it. Raises ``Invalid`` at the field."""
    try:
        return date.fromisoformat(given)
    except ValueError:
        said = _("{text} is no date; write it as year-month-day, like 2026-01-31.", text=given[:40])
        raise Invalid(said if given else _("Choose a day."), (field,)) from None
