"""From rows to values, and what makes a grant live."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from bilan.delivery.models import DeliveryRow
from bilan.delivery.values import DeliveryState
from bilan.reports.models import ReportRow
from bilan.sdk.errors import NotFound
from bilan.sdk.textdomain import _
from bilan.shares.event_kinds import ShareEventKind
from bilan.shares.models import ShareEventRow, ShareGrantRow, ShareRow
from bilan.shares.values import Share, ShareEvent, Viewer

EVENTS = 200
"""So many events of a share are shown."""


async def share_row(workspace: UUID, ident: UUID) -> ShareRow:
    """A share's row. Raises ``NotFound``."""
    row = await ShareRow.get_or_none(workspace_id=workspace, id=ident)
    if row is None:
        raise no_share()
    return row


async def lock_share(ident: UUID) -> ShareRow:
    """A share's row, held until the transaction ends: always before any of its grants."""
    return await ShareRow.filter(id=ident).select_for_update().get()


def no_share() -> NotFound:
    """What is said where there is nothing to know of."""
    return NotFound(_("There is no such share."), ("share",))


def is_over(row: ShareRow, now: datetime) -> bool:
    """Whether nobody gets in any more."""
    return row.stopped_at is not None or row.expires_at <= now


async def guarded_by(row: ShareRow) -> tuple[frozenset[UUID], bool]:
    """The sources and whether it is personal, by which it is decided who sees and changes a share.

    Those of the run that it was shared from, and where it shows always the
    latest, those that the report has by now, too.
    """
    return (await guards_of([row]))[0]


async def guards_of(found: Sequence[ShareRow]) -> list[tuple[frozenset[UUID], bool]]:
    """The same of several."""
    latest = {row.report for row in found if row.run is None and row.report}
    reports = {one.id: one for one in await ReportRow.filter(id__in=latest)} if latest else {}
    guards = list[tuple[frozenset[UUID], bool]]()
    for row in found:
        sources, personal = frozenset(row.sources), row.personal
        report = reports.get(row.report) if row.run is None and row.report else None
        if report is not None:
            sources, personal = sources | report.sources, personal or report.personal
        guards.append((sources, personal))
    return guards


async def read_share(row: ShareRow, now: datetime, *, among_others: bool = False) -> Share:
    """The value of a row; ``among_others`` without what happened to it."""
    grants = await ShareGrantRow.filter(share_id=row.id).order_by("created_at", "address")
    names = {grant.id: grant.name or grant.address for grant in grants}
    happened = ShareEventRow.filter(share_id=row.id).order_by("-at", "-id").limit(EVENTS)
    events = () if among_others else await happened
    return Share(
        id=row.id,
        workspace=row.workspace_id,
        run=row.run,
        report=row.report,
        kind=row.kind,
        title=row.title,
        message=row.message,
        language=row.language,
        downloads=row.downloads,
        most_views=row.most_views,
        origins=row.origins,
        expires_at=row.expires_at,
        stopped_at=row.stopped_at,
        created_by_name=row.created_by_name,
        created_at=row.created_at,
        over=is_over(row, now),
        viewers=await _viewers(grants),
        events=tuple(
            ShareEvent(
                ShareEventKind(one.kind), one.at, one.by_name, names.get(one.grant, "") if one.grant else "",
                one.detail,
            )
            for one in events
        ),
    )  # fmt: skip


async def _viewers(grants: Iterable[ShareGrantRow]) -> tuple[Viewer, ...]:
    grants = tuple(grants)
    mails = [grant.mails[0] for grant in grants if grant.mails]
    states = {
        row.id: DeliveryState(row.state) for row in await DeliveryRow.filter(id__in=mails).only("id", "state")
    }
    return tuple(
        Viewer(
            id=grant.id,
            address=grant.address,
            name=grant.name,
            views=grant.views,
            created_at=grant.created_at,
            last_opened_at=grant.last_opened_at,
            revoked_at=grant.revoked_at,
            mail=states.get(grant.mails[0]) if grant.mails else None,
        )
        for grant in grants
    )
