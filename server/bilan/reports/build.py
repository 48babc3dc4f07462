"""A request becomes a document: the kind makes the blocks, the core says what they rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bilan.reports import parts
from bilan.reports.blocks import metrics_of, with_tables
from bilan.reports.build_session import BuildSession
from bilan.reports.definitions import changed_definitions, definitions
from bilan.reports.described import described
from bilan.reports.request import span_of
from bilan.sdk.document import Definition, Document, Provenance, Table, decode, encode, plain_value
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Metric
from bilan.sdk.periods import Span
from bilan.sdk.query import QueryClient
from bilan.sdk.reports import Report, ReportKind, ReportRequest

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class BuildContext:
    """What a report rests on.

    ``client`` is scoped to its sources and cut at the request's as-of moment.
    ``sources`` are their names by their ids. ``provenance`` says how far each
    source had reported a dataset. ``put`` keeps the files of long tables.
    ``previous`` are the definitions printed with the same report's last run.
    ``name`` is what people call the report, where it has a name of its own.
    ``remarks`` are what is to be known of the sources, such as figures that a service no longer gives.
    """

    client: QueryClient
    metrics: Mapping[str, Metric]
    sources: Mapping[str, str]
    provenance: Callable[[str], Iterable[Provenance]]
    put: parts.Put
    previous: tuple[Definition, ...] = ()
    name: str | None = None
    remarks: tuple[Message, ...] = ()


def build(kind: ReportKind, request: ReportRequest, context: BuildContext) -> Document:
    """Build the report, complete. Blocking; belongs in a worker's thread.

    The document returned is the one read back from its stored form, so what
    is rendered now and what a replay renders are the same.
    """
    session = BuildSession(
        context.client,
        context.put,
        context.sources,
        lambda: span_of(kind, request, context.client),
        context.metrics,
    )
    report: Any = kind.build(request, session)
    if not isinstance(report, Report):
        raise TypeError(f"{kind.key} must build a Report, not {type(report).__name__}")
    blocks = with_tables(report.blocks, lambda table: _short(table, context.put))
    meanings = definitions(metrics_of(blocks), context.metrics)
    changed = changed_definitions(context.previous, meanings)
    span = report.span or session.span
    named = request.title or context.name
    document = Document(
        kind=kind.key,
        title=named or report.title,
        subtitle=report.title if named else report.subtitle,
        as_of=plain_value(request.as_of),
        zone=request.zone,
        blocks=blocks,
        period=_days(span) if "period" in kind.common else None,
        compared=_days(request.compare.of(span)),
        parameters=described(kind, request, context.client),
        definitions=meanings,
        provenance=tuple(one for dataset in kind.datasets for one in context.provenance(dataset)),
        notes=tuple(dict.fromkeys((*changed, *report.notes, *session.caveats, *context.remarks))),
    )
    return decode(encode(document))


def _short(table: Table, put: parts.Put) -> Table:
    return table if table.part is not None else parts.keep(table, table.rows, put)


def _days(span: Span | None) -> tuple[str, str] | None:
    return None if span is None else (span.start.isoformat(), (span.end - ONE_DAY).isoformat())
