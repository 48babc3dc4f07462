"""Copies that recipients got before: what they said, and how the same is counted anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import anyio.to_thread
from msgspec.structs import replace as with_fields

from bilan.files import Stored
from bilan.reports.build import BuildContext, build
from bilan.reports.common import Locality
from bilan.reports.request import request_for
from bilan.reports.since_last_copy import EarlierCopy
from bilan.runs.models import DocumentRow
from bilan.runs.values import SentCopy
from bilan.sdk.document import Document, Notice, Provenance, decode
from bilan.sdk.messages import Message
from bilan.sdk.periods import DAY, midnight
from bilan.sdk.reports import ReportKind
from bilan.sdk.textdomain import _
from bilan.work import Job
from bilan.work.models import JobRow

if TYPE_CHECKING:
    from bilan.query.session import QuerySession

UNASKED = frozenset({"title", "period", "compare", "blocks", "kept"})
"""The parameters that change no figure of given days."""

Recount = Callable[[Mapping[str, Any]], Document]
"""Builds the report with other parameters, as of the same moment."""


@dataclass(frozen=True, slots=True)
class KeptCopy:
    """A copy, with its document and its job as far as they are kept."""

    sent_at: datetime
    document: Document | None
    job: JobRow | None
    sources: frozenset[UUID]

    def to_compare(self, job: Job, sources: frozenset[UUID], recount: Recount) -> EarlierCopy:
        """The copy, for a report that is built for a job from these sources."""
        copy = EarlierCopy(self.sent_at, self.document)
        if self.document is None or self.job is None or not self._same(job, sources):
            return copy
        arguments = dict(self.job.arguments)
        return replace(copy, recount=partial(recount, arguments), closed=_closed(self.document, arguments))

    def _same(self, job: Job, sources: frozenset[UUID]) -> bool:
        """Whether the job asks for the same figures, but for their days."""
        assert self.job is not None  # noqa: S101 - looked at before
        return (self.job.subject, self.sources, asked(self.job.arguments)) == (
            job.subject, sources, asked(job.arguments),
        )  # fmt: skip


def asked(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What the figures of given days depend on."""
    return {key: value for key, value in arguments.items() if key not in UNASKED}


async def kept_copies(copies: Sequence[SentCopy] | None) -> tuple[KeptCopy, ...] | None:
    """The copies as far as they are kept; ``None`` where nothing is to be told of them."""
    if copies is None:
        return None
    return tuple([await _kept(one) for one in copies])


async def _kept(copy: SentCopy) -> KeptCopy:
    row = await DocumentRow.get_or_none(run_id=copy.run)
    job = await JobRow.filter(id=copy.run).prefetch_related("sources").first()
    document = await anyio.to_thread.run_sync(decode, row.json) if row is not None else None
    sources = frozenset(one.source for one in job.sources) if job is not None else frozenset[UUID]()
    return KeptCopy(copy.sent_at, document, job, sources)


def recounted(
    kind: ReportKind, context: BuildContext, client: QuerySession, arguments: Mapping[str, Any]
) -> Document:
    """The report with these parameters, as of the session's moment. Its long tables are not kept."""
    quiet = replace(client, report=None)
    zone = str(arguments["zone"])
    request = request_for(
        kind, arguments, as_of=client.as_of, locality=Locality(zone, 0), client=quiet, today=client.today
    )
    return build(kind, request, replace(context, client=quiet, provenance=_without, put=_discard))


def marked_provisional(document: Document, reasons: Sequence[Message]) -> Document:
    """The document, marked as one whose figures will still change."""
    notices = (Notice(_("Provisional: {reason}", reason=reason), "warning") for reason in reasons)
    return with_fields(document, provisional=True, blocks=(*notices, *document.blocks))


def _without(_dataset: str) -> tuple[Provenance, ...]:
    return ()


def _discard(_chunks: Iterable[bytes]) -> Stored:
    return Stored("", 0)


def _closed(document: Document, arguments: Mapping[str, Any]) -> bool:
    """Whether the days of a copy are given, and were over when it was built."""
    if document.period is None or ".." not in str(arguments.get("period", "")):
        return False
    end = midnight(date.fromisoformat(document.period[1]) + DAY, document.zone)
    return end <= datetime.fromisoformat(document.as_of)
