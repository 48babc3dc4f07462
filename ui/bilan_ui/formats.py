"""The formats that a report can be had in, as forms ask for them, each with its options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import FormData

from bilan.rendering.selection import SELECTING
from bilan.sdk.errors import BilanError
from bilan.sdk.parameters import Choice, Parameter, ParameterKind
from bilan.sdk.rendering import Renderer
from bilan_ui.fields import Field
from bilan_ui.forms import fields, raw_values
from bilan_ui.textdomain import _

YES_OR_NO = (Choice("true", _("yes")), Choice("false", _("no")))


@dataclass(frozen=True)
class Offer:
    """A format that can be rendered, and how it may be asked for."""

    renderer: Renderer
    chosen: bool
    fields: list[Field]

    @property
    def name(self) -> str:
        """The name of its box."""
        return f"format.{self.renderer.format}"

    @property
    def touched(self) -> bool:
        """Whether something about it is filled in or wrong, so that its options are open."""
        return any(one.error for one in self.fields)


def offer(renderer: Renderer, chosen: Mapping[str, Mapping[str, Any]], errors: Sequence[BilanError]) -> Offer:
    """The format with what was chosen of it, and what is wrong with that."""
    parameters = _asked(renderer)
    raw = {
        f"{renderer.format}.{key}": _shown(value) for key, value in chosen.get(renderer.format, {}).items()
    }
    offered = {one.key: one.choices for one in parameters if not callable(one.choices)}
    return Offer(renderer, renderer.format in chosen, fields(parameters, raw, offered, errors))


def options(renderer: Renderer, form: FormData) -> dict[str, Any]:
    """What the form asks of the format beyond its defaults.

    What is as it comes is left out, so that the file is the one that everybody gets, and is rendered once.
    """
    parameters = _asked(renderer)
    raw = raw_values(parameters, form)
    return {
        one.key.partition(".")[2]: raw[one.key]
        for one in parameters
        if one.key in raw and raw[one.key] not in ("", one.default, _shown(one.default))
    }


def _asked(renderer: Renderer) -> tuple[Parameter, ...]:
    """What can be asked of a file, under names of its own; which parts is asked when the report is made."""
    return tuple(_named(renderer, one) for one in (*SELECTING[:1], *renderer.options))


def _named(renderer: Renderer, one: Parameter) -> Parameter:
    """A box says yes or no alone: what the format decides where nobody does gets a third choice."""
    if one.kind is ParameterKind.FLAG and one.default is None:
        one = replace(one, kind=ParameterKind.CHOICE, choices=YES_OR_NO)
    return replace(one, key=f"{renderer.format}.{one.key}", advanced=False)


def _shown(value: Any) -> Any:
    return value if value is None or isinstance(value, str | list | bool) else str(value)
