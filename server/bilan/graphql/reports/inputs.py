"""A typed input for each report kind, made from its declared parameters."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import strawberry

from bilan.graphql.catalogue.inputs import IntervalInput, PeriodInput
from bilan.graphql.names import camel, pascal
from bilan.parameters.times import write_interval, write_period
from bilan.sdk.errors import Invalid
from bilan.sdk.parameters import Parameter, ParameterKind
from bilan.sdk.reports import ReportKind

if TYPE_CHECKING:
    from bilan.registry.declared import Registry

INPUT_OF: dict[ParameterKind, Any] = {
    ParameterKind.TEXT: str,
    ParameterKind.SECRET: str,
    ParameterKind.NUMBER: int,
    ParameterKind.FLAG: bool,
    ParameterKind.CHOICE: str,
    ParameterKind.CHOICES: list[str],
    ParameterKind.ORDER: list[str],
    ParameterKind.TAGS: list[str],
    ParameterKind.PERIOD: PeriodInput,
    ParameterKind.INTERVAL: IntervalInput,
    ParameterKind.ZONE: str,
    ParameterKind.CONTACT: str,
}


def kind_input(kind: ReportKind, parameters: tuple[Parameter, ...]) -> type:
    """The input type of one kind: a field a parameter."""
    namespace: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    for parameter in parameters:
        namespace["__annotations__"][parameter.key] = INPUT_OF[parameter.kind] | None
        namespace[parameter.key] = strawberry.field(default=strawberry.UNSET, description=_told(parameter))
    name = f"{pascal(kind.key)}Parameters"
    return strawberry.input(
        type(name, (), namespace), name=name, description=f"Parameters of “{kind.label}”."
    )


def _told(parameter: Parameter) -> str:
    """What the parameter is for, and its choices where they are fixed."""
    sentences = [f"{parameter.label}."]
    if parameter.help:
        sentences.append(str(parameter.help))
    if parameter.choices and not callable(parameter.choices):
        sentences.append(f"Choices: {', '.join(one.value for one in parameter.choices)}.")
    return " ".join(sentences)


def report_input(registry: Registry, parameters_of: Mapping[str, tuple[Parameter, ...]]) -> type:
    """Exactly one kind with its parameters."""
    namespace: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    for key, kind in registry.reports.items():
        field = key.replace(".", "_")
        namespace["__annotations__"][field] = kind_input(kind, parameters_of[key]) | None
        namespace[field] = strawberry.field(default=strawberry.UNSET, description=str(kind.description))
    return strawberry.input(
        type("ReportInput", (), namespace),
        name="ReportInput",
        description="One report kind with its parameters; what is left out takes its default.",
        one_of=True,
    )


def chosen(registry: Registry, given: Any) -> tuple[str, dict[str, Any]]:
    """The kind's key and the raw parameters that were given."""
    for key in registry.reports:
        values = getattr(given, key.replace(".", "_"), strawberry.UNSET)
        if values is not strawberry.UNSET and values is not None:
            return key, raw_values(values)
    raise AssertionError("a one-of input holds exactly one value")


@contextmanager
def in_the_schemas_words() -> Generator[None]:
    """Names the fields of errors as inputs are named: ``first_weekday`` becomes ``firstWeekday``."""
    try:
        yield
    except Invalid as error:
        raise Invalid(error.message, tuple(map(camel, error.path))) from error


def raw_values(given: Any) -> dict[str, Any]:
    """What was filled in, in the form that validation takes from anywhere."""
    values: dict[str, Any] = {}
    for key in type(given).__annotations__:
        value = getattr(given, key)
        if value is strawberry.UNSET or value is None:
            continue
        values[key] = _plain(value)
    return values


def _plain(value: Any) -> Any:
    match value:
        case PeriodInput():
            return write_period(value.value())
        case IntervalInput():
            return write_interval(value.value())
        case _:
            return value
