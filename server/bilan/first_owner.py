"""The first owner: whoever has the server's one-time code makes workspace and owner in the browser.

See docs/decisions/107.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bilan.accounts import WorkspaceRole
from bilan.accounts.defaults import language as checked_language
from bilan.accounts.defaults import named
from bilan.accounts.door import network_of
from bilan.accounts.rate_limit import RateLimit
from bilan.accounts.values import Member
from bilan.operator import add_person, operator
from bilan.parameters.times import parse_zone
from bilan.sdk.errors import Conflict, Invalid
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.services import Services

PURPOSE = b"bilan first owner"
BITS = 100
ATTEMPTS = 20
"""How often one network may try a code within a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class FirstOwner:
    """What the first visitor says: of the workspace, and of themselves."""

    workspace: str
    name: str
    email: str
    password: str
    zone: str
    language: str


def one_time_code(key: bytes) -> str:
    """The code, five letters or digits at a time; of every process of a server the same.

    Whoever reads what the server prints at its start is its operator. It
    follows from the server's secret ``key`` and is over with the first owner.
    """
    letters = b32encode(hmac.digest(key, PURPOSE, "sha256"))[: BITS // 5].decode().lower()
    return "-".join(letters[at : at + 5] for at in range(0, len(letters), 5))


async def is_awaited(services: Services) -> bool:
    """Whether the server has nobody yet; a command may have made its workspace already."""
    return not await services.accounts.has_people()


async def make_first_owner(services: Services, code: str, given: FirstOwner, *, ip: str) -> Member:
    """Make workspace and owner at once, or neither. ``ip`` is where the visitor comes from.

    Raises ``Invalid``, ``Conflict`` once there is somebody, and ``TooMany``.
    """
    await RateLimit(services.catalog, services.clock, "first owner", ATTEMPTS).hit(network_of(ip))
    if not hmac.compare_digest(_plain(code), _plain(one_time_code(services.settings.key()))):
        raise Invalid(
            _("This is not the code that the server printed when it started; copy the whole line."), ("code",)
        )
    async with services.catalog.transaction():
        await services.catalog.advisory_lock("first owner")
        if not await is_awaited(services):
            raise Conflict(_("Somebody was here before; sign in, or ask the owner to invite you."))
        actor = await operator(services)
        info = await services.accounts.workspace(actor)
        await services.accounts.change_workspace(
            actor,
            name=_workspace_name(given.workspace),
            zone=parse_zone(given.zone),
            first_weekday=info.first_weekday,
            language=checked_language(given.language),
        )
        return await add_person(
            services, given.email, given.name, WorkspaceRole.OWNER, password=given.password
        )


def _workspace_name(text: str) -> str:
    try:
        return named(text)
    except Invalid as error:
        raise Invalid(error.message, ("workspace",)) from None


def _plain(code: str) -> bytes:
    """A code however it was typed: in capitals, without dashes, with spaces around."""
    return "".join(character for character in code.lower() if character.isalnum()).encode()
