"""Saved reports: created, edited, duplicated, deleted and listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from bilan.accounts.policy import Action, require
from bilan.accounts.values import Principal
from bilan.parameters.validation import validate
from bilan.reports.common import WEEKDAYS, locality_of, parameters_of
from bilan.reports.models import ReportRow
from bilan.reports.naming import LONGEST_NAME, folded, free_name, name_of, name_taken
from bilan.reports.reading import in_order, read_row, saved_report, visible
from bilan.reports.values import Changed, Draft, SavedReport, Seen, Sort
from bilan.sdk.errors import Invalid
from bilan.sdk.reports import ReportKind
from bilan.sdk.textdomain import _
from bilan.work import idempotency_key

if TYPE_CHECKING:
    from bilan.clock import Clock
    from bilan.registry.declared import Registry

CHANGED = (
    "name", "folded_name", "formats", "sources", "parameters", "personal",
    "changed_at", "changed_by_name", "version", "page",
)  # fmt: skip
"""What saving a report changes of its row."""


class Feeding(Protocol):
    """Knows the sources of a workspace."""

    async def feeding(self, workspace: UUID, datasets: Iterable[str]) -> frozenset[UUID]:
        """The sources in use whose plugin fills one of these datasets."""
        ...


class Reports:
    """The reports of every workspace, each shown to those who may see all of its sources.

    A report of a kind that shows rows about single persons is there only for
    those who hold the permission for that.
    """

    def __init__(self, registry: Registry, clock: Clock, sources: Feeding) -> None:
        self._registry = registry
        self._clock = clock
        self._sources = sources

    async def create(self, actor: Principal, draft: Draft, *, key: str | None = None) -> SavedReport:
        """Save a new report. The same by the same with the same ``key`` is the same report.

        Needs admin or editor on every source in it. Zone and first weekday
        are settled now, by default those of whoever saves. Raises
        ``Forbidden``, ``Invalid`` with the field's path, or ``Conflict``
        where the name is taken.
        """
        kind = self._registry.report_kind(draft.kind)
        sources = await self._chosen(actor, kind, draft.sources, had=frozenset())
        require(actor, Action.WRITE_REPORT, sources=sources, personal=kind.personal)
        whole = replace(draft, sources=sources, name=await _named(actor, kind, draft))
        asked = (draft.name, draft.kind, draft.parameters, draft.formats, sorted(sources))
        return await self._create(actor, kind, whole, _ident(actor, key, *asked))

    async def _create(self, actor: Principal, kind: ReportKind, draft: Draft, ident: UUID) -> SavedReport:
        if known := await self._made(actor, ident):
            return known
        row = ReportRow(
            id=ident,
            workspace_id=actor.workspace,
            kind=kind.key,
            created_by=actor.person,
            created_by_name=actor.name,
            created_at=self._clock.now(),
        )
        self._fill(row, actor, kind, draft)
        try:
            await row.save()
        except IntegrityError as error:
            if known := await self._made(actor, ident):  # asked twice at the same time
                return known
            raise name_taken(row.name) from error
        return saved_report(self._registry, row)

    async def _made(self, actor: Principal, ident: UUID) -> SavedReport | None:
        row = await ReportRow.get_or_none(id=ident, workspace_id=actor.workspace)
        return saved_report(self._registry, row) if row is not None and visible(actor, row) else None

    async def edit(
        self, actor: Principal, report: UUID, draft: Draft, *, seen: Seen | None = None
    ) -> SavedReport:
        """Replace what the report holds; its kind stays, and so do its sources where none are named.

        Needs admin or editor on every source it had and on every one it gets.
        Raises ``Changed`` where somebody saved it who is not among what was ``seen``.
        """
        while (saved := await self._edit(actor, report, draft, seen)) is None:
            pass  # somebody was faster by a moment; whether that was seen is asked anew
        return saved

    async def _edit(
        self, actor: Principal, report: UUID, draft: Draft, seen: Seen | None
    ) -> SavedReport | None:
        row = await read_row(actor, report)
        if seen is not None and not seen.includes(row.version, row.page):
            raise Changed(saved_report(self._registry, row))
        kind = self._registry.report_kind(row.kind)
        if draft.kind != row.kind:
            raise Invalid(
                _("A report keeps its kind, {kind}. Make a new one instead.", kind=kind.label), ("kind",)
            )
        had = row.sources
        sources = had if draft.sources is None else await self._chosen(actor, kind, draft.sources, had=had)
        for touched in (had, sources):
            require(actor, Action.WRITE_REPORT, sources=touched, personal=kind.personal)
        name = await _named(actor, kind, draft, row)
        self._fill(row, actor, kind, replace(draft, sources=sources, name=name))
        before, row.version = row.version, row.version + 1
        row.page = seen.page or None if seen is not None else None
        changed = {one: getattr(row, one) for one in CHANGED}
        try:
            # One statement, so that of two who began from the same only one goes through.
            done = await ReportRow.filter(id=row.id, version=before).update(**changed)
        except IntegrityError as error:
            raise name_taken(row.name) from error
        return saved_report(self._registry, row) if done else None

    async def offer(self, actor: Principal, report: UUID, formats: tuple[str, ...]) -> None:
        """Offer these files with the next run. What else the report holds stays as it is, and its version."""
        row = await read_row(actor, report)
        require(actor, Action.WRITE_REPORT, sources=row.sources, personal=row.personal)
        await ReportRow.filter(id=row.id).update(formats=self._formats(row.kind, formats))

    async def free_name(self, actor: Principal, name: str) -> str:
        """The name, with a number behind it where a report of the actor's workspace has it."""
        return await free_name(actor.workspace, name)

    async def duplicate(
        self, actor: Principal, report: UUID, name: str | None = None, *, key: str | None = None
    ) -> SavedReport:
        """Save a copy of the report, named like it with a number unless ``name`` says otherwise.

        The same ``key`` again is no second copy.
        """
        ident = _ident(actor, key, "copy", report)
        if known := await self._made(actor, ident):
            return known
        original = await self.get(actor, report)
        draft = Draft(
            name=name or await free_name(actor.workspace, original.name),
            kind=original.kind,
            parameters=original.parameters,
            formats=original.formats,
            sources=original.sources,
        )
        kind = self._registry.report_kind(draft.kind)
        require(actor, Action.WRITE_REPORT, sources=original.sources, personal=kind.personal)
        return await self._create(actor, kind, draft, ident)

    async def delete(self, actor: Principal, report: UUID) -> None:
        """Remove the report for good; its runs stay readable. Needs admin or editor on every source in it."""
        row = await read_row(actor, report)
        require(actor, Action.WRITE_REPORT, sources=row.sources)
        await row.delete()

    async def get(self, actor: Principal, report: UUID) -> SavedReport:
        """The report. Raises ``NotFound`` also where the actor may not know of it."""
        return saved_report(self._registry, await read_row(actor, report))

    async def list(
        self,
        actor: Principal,
        *,
        kind: str | None = None,
        search: str = "",
        sort: Sort = Sort.NAME,
        descending: bool = False,
    ) -> tuple[SavedReport, ...]:
        """The reports the actor may see: of one kind, or with ``search`` in their name, sorted."""
        rows = await ReportRow.filter(
            workspace_id=actor.workspace,
            folded_name__contains=folded(search),
            **({"kind": kind} if kind else {}),
        )
        found = [saved_report(self._registry, row) for row in rows if visible(actor, row)]
        return in_order(found, sort, descending=descending)

    def kinds(self) -> tuple[ReportKind, ...]:
        """What can be reported, in the order of the plugins."""
        return tuple(self._registry.reports.values())

    async def _chosen(
        self, actor: Principal, kind: ReportKind, sources: frozenset[UUID] | None, *, had: frozenset[UUID]
    ) -> frozenset[UUID]:
        """The sources that feed the kind, or those chosen among them; what it had may stay when removed."""
        feeding = await self._sources.feeding(actor.workspace, kind.datasets)
        if sources is None:
            return feeding
        if not sources <= feeding | had:
            raise Invalid(_("A chosen source does not feed a report of this kind."), ("sources",))
        return sources

    def _fill(self, row: ReportRow, actor: Principal, kind: ReportKind, draft: Draft) -> None:
        row.name = name_of(draft.name)
        row.folded_name = folded(row.name)
        row.formats = self._formats(kind.key, draft.formats)
        row.sources = draft.sources or frozenset()
        row.parameters = _parameters(kind, actor, draft)
        row.personal = kind.personal
        row.changed_at = self._clock.now()
        row.changed_by_name = actor.name

    def _formats(self, kind: str, formats: tuple[str, ...]) -> tuple[str, ...]:
        known = self._registry.renderers_of(kind)
        for unknown in (one for one in formats if one not in known):
            raise Invalid(
                _("{format} is no format here; choose from {known}.",
                  format=unknown, known=", ".join(sorted(known))),
                ("formats",),
            )  # fmt: skip
        if not formats:
            raise Invalid(_("A report needs at least one format."), ("formats",))
        return tuple(dict.fromkeys(formats))


def _ident(actor: Principal, key: str | None, *asked: Any) -> UUID:
    """The id of a report to be: the same for the same request with the same key."""
    if key is None:
        return uuid4()
    made = idempotency_key(actor.person or actor.via, key, actor.workspace, *asked)
    return UUID(made.including_request().key[:32])


async def _named(actor: Principal, kind: ReportKind, draft: Draft, row: ReportRow | None = None) -> str:
    """The name that was given; without one, that of what a report is about whose kind is named so."""
    if draft.name.strip() or not kind.named_by:
        return draft.name
    about = _about(kind, draft.parameters)
    if row is not None and about == _about(kind, row.parameters):
        return row.name
    return await free_name(actor.workspace, about[: LONGEST_NAME - 8])


def _about(kind: ReportKind, raw: Mapping[str, Any]) -> str:
    """The value of the parameter by which reports of the kind are named."""
    parameters = [one for one in kind.parameters if one.key == kind.named_by]
    return str(validate(parameters, {kind.named_by: raw.get(kind.named_by)}, client=None)[kind.named_by])


def _parameters(kind: ReportKind, actor: Principal, draft: Draft) -> dict[str, Any]:
    """As filled in, once it is known that they can be read; choices from the facts are left to the run."""
    locality = locality_of(actor)
    validate(parameters_of(kind, locality), draft.parameters, client=None)
    settled = {"zone": locality.zone, "first_weekday": WEEKDAYS[locality.first_weekday].value}
    return {**settled, **{key: value for key, value in draft.parameters.items() if value is not None}}
