"""What a plugin makes of facts: each rule yields sentences about what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bilan.registry.declared import Declared
from bilan.registry.types import wrong_value
from bilan.reports.blocks import every, metrics_of
from bilan.reports.parts import rows_of
from bilan.sdk.conditions import matches
from bilan.sdk.datasets import ColumnType, Dataset
from bilan.sdk.document import Cell, Chart, Document, Notice, Table, decode, encode
from bilan.sdk.errors import BilanError, Invalid
from bilan.sdk.filters import Filter, FilterKind, FilterValue
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Parameter, ParameterKind
from bilan.sdk.periods import Interval, IntervalUnit, Period, Preset
from bilan.sdk.plugins import ConnectionPage, QueryField
from bilan.sdk.query import Question
from bilan.sdk.reports import ReportKind
from bilan.testing.harness import PluginHarness
from bilan.testing.source_rules import ROWS

WHOLE = "since_oldest"
"""The period that takes in all sample data."""


def check_metrics(harness: PluginHarness, one: Declared) -> Iterator[str]:
    """Every metric can be counted: by month, and by each dimension of its dataset."""
    for dataset in harness.registry.datasets.values():
        keys = tuple(metric.key for metric in one.metrics if metric.dataset == dataset.key)
        if keys:
            yield from _uncountable(harness, dataset, keys)


def _uncountable(harness: PluginHarness, dataset: Dataset, keys: tuple[str, ...]) -> Iterator[str]:
    extent = harness.client.extent(dataset.key)
    oldest = extent[0].date() if extent else None
    span = Period(Preset.SINCE_OLDEST).resolve(harness.now.date(), "UTC", oldest=oldest)
    for by in ((), *((column.name,) for column in dataset.columns if column.dimension)):
        together = Question(dataset.key, keys, span, Interval(IntervalUnit.MONTH), by=by, limit=100)
        if _failure(harness, together):
            # Only now one by one, to name the metric: each question costs a statement.
            for key in keys:
                if error := _failure(harness, replace(together, metrics=(key,))):
                    yield f"{key} by {', '.join(('month', *by))} cannot be counted: {error!r}"


def _failure(harness: PluginHarness, question: Question) -> Exception | None:
    try:
        harness.client(question)
    except Exception as error:
        return error
    return None


def check_breakdowns(harness: PluginHarness, one: Declared) -> Iterator[str]:
    """What is broken down by a list says what the row without any value is."""
    for kind, document in documents(harness, one):
        if not isinstance(document, Exception):
            for block in every(document.blocks):
                if isinstance(block, Table | Chart) and (column := _blank(harness, block)):
                    yield (
                        f"{block.key} of {kind.key} has figures without any {column} under an empty name; "
                        'give the column or the chart names={"": NO_VALUE}'
                    )


def _blank(harness: PluginHarness, block: Table | Chart) -> str:
    """The list by which the figures of a block are broken down whose empty value it has no words for."""
    origin = block.origin
    dataset = harness.registry.datasets.get(origin.dataset) if origin else None
    for name in origin.by if origin and dataset else ():
        column = dataset.by_name.get(name) if dataset else None
        if column is None or column.type is not ColumnType.TEXTS or origin is None:
            continue
        if isinstance(block, Chart):
            codes, names = set(block.categories), block.names
        else:
            key = origin.columns.get(name, name)
            place = next((n for n, one in enumerate(block.columns) if one.key == key), None)
            if place is None:
                continue  # its rows do not say which values they are of
            names = block.columns[place].names
            codes = {str(_plain(row[place])) for row in rows_of(harness.files)(block)}
        if "" in codes and "" not in names:
            return name
    return ""


def _plain(cell: Any) -> Any:
    value = cell.value if isinstance(cell, Cell) else cell
    return "" if value is None else value


def check_reimport(harness: PluginHarness, one: Declared) -> Iterator[str]:
    """The plugin's samples, taken in a second time, change no number."""
    before = _totals(harness, one)
    harness.load_samples(one.plugin.name, limit=ROWS, sequence=2)
    for key, now in _totals(harness, one).items():
        if now != before[key]:
            yield f"{key} was {before[key]} and is {now} once the samples were taken in again"


def _totals(harness: PluginHarness, one: Declared) -> dict[str, Any]:
    datasets = {metric.dataset: None for metric in one.metrics}
    return {
        key: value
        for dataset in datasets
        for key, value in harness.totals(*(m.key for m in one.metrics if m.dataset == dataset)).items()
    }


def check_answers(harness: PluginHarness, one: Declared) -> Iterator[str]:
    """Every query field can be asked for without arguments, and gives what its type says."""
    for field in one.query_fields:
        arguments: dict[str, Any] = dict.fromkeys(field.arguments)
        part = {"limit": 10, "offset": 0} if field.connection else {}
        try:
            answer = field.resolve(harness.client, **arguments, **part)
        except BilanError:
            continue  # refused in a sentence, for instance where an argument is needed
        except Exception as error:
            yield f"the query field {field.name} fails: {error!r}"
            continue
        yield from _wrong_answers(field, answer)


def _wrong_answers(field: QueryField, answer: Any) -> Iterator[str]:
    if field.connection and not isinstance(answer, ConnectionPage):
        found = type(answer).__name__
        yield f"the query field {field.name} gives a {found}, not a ConnectionPage"
        return
    for item in answer.items if field.connection else (answer,):
        for path, wanted, found in wrong_value(item, field.type, "answer"):
            yield f"the {path} of the query field {field.name} must be {wanted}, not {found}"


def check_filters(harness: PluginHarness, one: Declared) -> Iterator[str]:
    """Every filter lets through what its condition says, and nothing else."""
    for declared in one.filters:
        for key in declared.datasets:
            if reason := _misfilters(harness, declared, harness.registry.datasets[key]):
                yield f"{declared.key} does not narrow {key}: {reason}"


def _misfilters(harness: PluginHarness, declared: Filter, dataset: Dataset) -> str | None:
    value = _filled_in(harness, declared, dataset)
    condition = value.condition(declared)
    try:
        found = list(harness.client.rows(dataset.key, (declared.column,), filters=(value,), limit=100))
    except Exception as error:
        return repr(error)
    if wrong := [row for row in found if not matches(condition, row)]:
        return f"it lets {wrong[0]!r} through"
    return None


def _filled_in(harness: PluginHarness, declared: Filter, dataset: Dataset) -> FilterValue:
    match declared.kind:
        case FilterKind.FLAG:
            return FilterValue(declared.key, flag=True)
        case FilterKind.RANGE:
            return FilterValue(declared.key, low=0, high=10)
        case FilterKind.TEXT:
            return FilterValue(declared.key, text="a")
        case FilterKind.CHOICES | FilterKind.TAGS:
            column = dataset.by_name.get(declared.column)
            listed = column is not None and column.type in (ColumnType.TEXT, ColumnType.TEXTS)
            values = harness.client.values(dataset.key, declared.column, limit=2) if listed else ()
            return FilterValue(declared.key, any=values[:1], none=values[1:])


def documents(harness: PluginHarness, one: Declared) -> Iterator[tuple[ReportKind, Document | Exception]]:
    """Each report with its defaults and with all facts, or why it cannot be built. Built once."""
    if one.plugin.name not in harness.kept:
        harness.kept[one.plugin.name] = list(_documents(harness, one))
    yield from harness.kept[one.plugin.name]


def _documents(harness: PluginHarness, one: Declared) -> Iterator[tuple[ReportKind, Document | Exception]]:
    for kind in one.reports:
        for values in ({}, {"period": WHOLE}) if "period" in kind.common else ({},):
            try:
                yield kind, harness.build(kind.key, {**required(harness, kind), **values})
            except Exception as error:
                yield kind, error


def required(harness: PluginHarness, kind: ReportKind) -> dict[str, Any]:
    """A value for each parameter that needs one."""
    return {
        parameter.key: _example(harness, parameter)
        for parameter in kind.parameters
        if parameter.required and parameter.default in (None, "", ())
    }


def _example(harness: PluginHarness, parameter: Parameter) -> Any:
    offered = parameter.choices(harness.client, {}) if callable(parameter.choices) else parameter.choices
    first = (
        offered[0].value
        if offered
        else "1"
        if parameter.kind is ParameterKind.NUMBER
        else "someone@example.org"
    )
    return (
        [first]
        if parameter.kind in (ParameterKind.CHOICES, ParameterKind.ORDER, ParameterKind.TAGS)
        else first
    )


def check_reports(harness: PluginHarness, one: Declared) -> Iterator[str]:
    """Every report is built, with every section, and names metrics that exist."""
    for kind, document in documents(harness, one):
        if isinstance(document, Invalid):
            continue  # refused in a sentence, for instance where there is nothing to choose from
        if isinstance(document, Exception):
            yield f"{kind.key} cannot be built: {document!r}"
            continue
        yield from (f"a section of {kind.key} fails: {text}" for text in _failed(document))
        for block in every(document.blocks):
            if isinstance(block, Table) and not kind.personal and any(c.personal for c in block.columns):
                yield f"{kind.key} shows personal columns in {block.key}, but is not marked as personal"
        for key in metrics_of(document.blocks):
            if key not in harness.registry.metrics:
                yield f"{kind.key} names the metric {key}, which nobody declares"


def check_examples(harness: PluginHarness, one: Declared) -> Iterator[str]:
    """Every example of a report can be opened as it stands, whatever facts there are, with every section."""
    for kind in one.reports:
        for example in kind.examples:
            what = f"the example {example.key} of {kind.key}"
            try:
                document = harness.build(kind.key, example.values)
            except Exception as error:
                yield f"{what} cannot be opened: {error!r}"
            else:
                yield from (f"a section of {what} fails: {text}" for text in _failed(document))


def _failed(document: Document) -> Iterator[Message]:
    for block in every(document.blocks):
        if isinstance(block, Notice) and block.level == "error":
            yield block.text


def check_rendering(harness: PluginHarness, one: Declared) -> Iterator[str]:
    """Every report survives being stored, and is rendered in every format to the same bytes each time."""
    for kind, document in documents(harness, one):
        if isinstance(document, Exception):
            continue
        if decode(encode(document)) != document:
            yield f"{kind.key} is another document after it was stored"
        for file_format in harness.registry.renderers_of(kind.key):
            try:
                first, second = (harness.render(document, file_format) for _time in range(2))
            except BilanError:
                continue  # a format may refuse a report in a sentence, as CSV does one without tables
            except Exception as error:
                yield f"{kind.key} cannot be rendered as {file_format}: {error!r}"
            else:
                if first != second:
                    yield f"{kind.key} rendered as {file_format} twice gives different bytes"
