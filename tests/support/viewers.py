"""Viewers of a server that is walked through: one who is let in, one who was, and one of another report."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bilan.accounts.values import Principal
from bilan.app import Bilan
from bilan.shares import ShareDraft
from bilan.shares.models import ShareGrantRow
from bilan_ui.views.shared import cookie_of
from support.walked import ACME

WHO = {"viewer": "vera", "revoked viewer": "rosa"}


@dataclass(frozen=True)
class SharedWorld:
    """The ids of a share and of a viewer, what stands in a link, and the cookies of viewers."""

    ids: dict[str, str]
    cookies: dict[str, str]


async def shared_with_viewers(bilan: Bilan, actor: Principal, run: UUID) -> SharedWorld:
    """Share the run twice, and have the viewers open it."""
    services = bilan.services
    services.shared_reports._late = 0
    draft = ShareDraft(tuple(f"{name}@{ACME.lower()}.example" for name in WHO.values()), "walk")
    made = await services.shares.create(actor, run, draft)
    other = await services.shares.create(actor, run, ShareDraft((f"otto@{ACME.lower()}.example",), "other"))
    tokens = {who: await _token(bilan, made.share.id, name) for who, name in WHO.items()}
    tokens["viewer of another share"] = await _token(bilan, other.share.id, "otto")
    cookies = dict[str, str]()
    for who, token in tokens.items():
        password = other.password if who == "viewer of another share" else made.password
        visit = await services.shared_reports.open(token, password, "192.0.2.9")
        # The key of the visit, under the name for the link that everybody asks for.
        named = tokens["revoked viewer"] if who == "revoked viewer" else tokens["viewer"]
        cookies[who] = f"{cookie_of(named)}={visit.key}"
    revoked = await _grant(made.share.id, "rosa")
    await services.shares.revoke(actor, made.share.id, revoked.id)
    await services.shares.stop(actor, other.share.id)
    viewer = await _grant(made.share.id, "vera")
    ids = {"share": str(made.share.id), "viewer": str(viewer.id), "shared": tokens["viewer"]}
    return SharedWorld(ids, cookies)


async def _grant(share: UUID, name: str) -> ShareGrantRow:
    return await ShareGrantRow.get(share_id=share, address__startswith=name)


async def _token(bilan: Bilan, share: UUID, name: str) -> str:
    url = (await bilan.services.share_mails.words_of((await _grant(share, name)).id)).url
    return url.rsplit("/", 1)[-1]
