"""Sharing from the mail room: a report that is shared, its e-mails, and viewers who come."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from bilan.clock import FrozenClock
from bilan.delivery import DeliveryState
from bilan.delivery.models import DeliveryRow
from bilan.runs.values import Run
from bilan.sdk.errors import BilanError
from bilan.shares import NewShare, ShareDraft, Viewing
from bilan.shares.opening import OpenedVisit
from fixtures.mailing import Mailing
from fixtures.smtp import Sink, read_mail

VERA, PAUL = "vera@client.org", "paul@client.org"
HERE = "203.0.113.7"


async def shared(mailing: Mailing, run: Run, *viewers: str, key: str = "form-1", **changes: Any) -> NewShare:
    """The run, shared by the owner with these viewers; nothing is sent yet."""
    draft = ShareDraft(viewers=viewers or (VERA,), key=key, **changes)
    return await mailing.bilan.services.shares.create(mailing.owner, run.id, draft)


async def posted(mailing: Mailing) -> None:
    """Send every e-mail that is due."""
    for row in await DeliveryRow.filter(state=DeliveryState.PLANNED).order_by("created_at"):
        assert row.step is not None
        await mailing.bilan.engine.work(row.step)


def body(sink: Sink, place: int = -1) -> str:
    """The text of an e-mail that the mail server took."""
    part = read_mail(sink.taken[place][2]).get_body(("plain",))
    assert part is not None
    return part.get_content()


def mails_to(sink: Sink, address: str) -> list[str]:
    """The texts of the e-mails that went to an address, in order."""
    return [body(sink, place) for place, taken in enumerate(sink.taken) if address == taken[1]]


def token_in(text: str) -> str:
    """What stands in the link of a viewer."""
    found = re.search(r"/shared/(\S+)", text)
    assert found is not None
    return found[1]


def token_of(mailing: Mailing, viewer: UUID, nonce: str) -> str:
    """The link that a viewer has, without reading their e-mail."""
    return mailing.bilan.services.shared_reports._links.token(viewer, nonce)


async def opened(mailing: Mailing, token: str, password: str, ip: str = HERE) -> OpenedVisit:
    """A visit by link and password."""
    return await mailing.bilan.services.shared_reports.open(token, password, ip)


async def seen(mailing: Mailing, token: str, visit: OpenedVisit) -> Viewing | None:
    """What the visit shows at this moment."""
    return await mailing.bilan.services.shared_reports.viewing(token, visit.key)


async def refused(mailing: Mailing, token: str, password: str, ip: str = HERE) -> str:
    """The code of what is said to who does not get in."""
    try:
        await opened(mailing, token, password, ip)
    except BilanError as error:
        return error.code
    return "opened"


def at(mailing: Mailing, clock: FrozenClock) -> None:
    """Have shares look at this clock."""
    services = mailing.bilan.services
    services.shares._clock = services.shared_reports._clock = clock
    services.shared_reports._attempts._clock = clock
