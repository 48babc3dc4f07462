"""Asking for an erasure, and what is known of those that were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from bilan.accounts.models import Workspace
from bilan.accounts.policy import Action, require
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.contacts import ErasedList, Erasure, Reimport, read_address
from bilan.contacts.addresses import PREFIX, pseudonym
from bilan.contacts.models import ContactRulesRow, ErasureRow
from bilan.contacts.people import ALWAYS, people
from bilan.contacts.ties import of_workspace
from bilan.erasure.kinds import FACTS, FINISH, TRACES
from bilan.erasure.person import Sealed, close
from bilan.erasure.traces import also_known_as
from bilan.sdk.errors import Conflict, NotFound
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _
from bilan.seal import Seal
from bilan.work import UNDER_WAY, Jobs, NewJob, NewStep
from bilan.work.models import JobRow

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

PAGE = 50
MOST = 50
"""So many addresses of one person are erased together; more are a mistake of some tool."""


class ContactErasures:
    """Erases contacts of a workspace, for those who may see rows about single persons and manage it."""

    def __init__(self, catalog: Catalog, clock: Clock, jobs: Jobs, seal: Seal) -> None:
        self._catalog, self._clock, self._jobs, self._seal = catalog, clock, jobs, seal
        self._list = ErasedList(seal)

    async def addresses(self, actor: Principal, address: str) -> tuple[str, ...]:
        """The addresses that are erased with this one: all of one person. Raises as ``erase`` does."""
        require(actor, Action.ERASE_CONTACT)
        return await self._addresses(actor.workspace, read_address(address).text)

    async def erase(self, actor: Principal, address: str, together: Collection[str] = ()) -> Erasure:
        """Begin to erase a contact; from now on facts that name them are refused or anonymised.

        All addresses of the same person are erased, each by a job of its own; where there are several,
        ``together`` names all of them, by whoever has seen them. While an erasure of the same
        address is at work, it is that one. Raises ``Forbidden``, ``Invalid``, ``Conflict``.
        """
        require(actor, Action.ERASE_CONTACT)
        asked = read_address(address).text
        zone = (await Workspace.get(id=actor.workspace)).zone
        key = await self._list.key(actor.workspace)
        async with self._catalog.transaction():
            await self._catalog.advisory_lock(f"erasure {actor.workspace}")
            every = await self._addresses(actor.workspace, asked)
            if len(every) > 1 and {read_address(one).text for one in together} != set(every):
                raise Conflict(
                    _("These addresses are one person and are erased together; confirm all of them: "
                      "{addresses}.", addresses=", ".join(every))
                )  # fmt: skip
            names = [pseudonym(key, one) for one in every]
            begun = {
                one: await self._begin(actor, zone, key, one, [other for other in names if other != name])
                for one, name in zip(every, names, strict=True)
            }
        return Erasure.of(begun[asked])

    async def _addresses(self, workspace: UUID, address: str) -> tuple[str, ...]:
        """All addresses of whoever has this one. Raises ``Conflict`` where they are hardly one person's."""
        every = people(await of_workspace(workspace), ALWAYS).of(address)
        if len(every) > MOST:
            raise Conflict(
                _("{count:count} addresses are merged with this one, and would be erased with it. Undo what "
                  "was merged by mistake; a person has at most {most}.", count=len(every), most=MOST)
            )  # fmt: skip
        return tuple(one for one in every if not one.startswith(PREFIX))

    async def _begin(
        self, actor: Principal, zone: str, key: str, address: str, also: Sequence[str]
    ) -> ErasureRow:
        """Begin to erase one address, or go on where that was begun."""
        name = pseudonym(key, address)
        for row in await ErasureRow.filter(workspace=actor.workspace, pseudonym=name, completed_at=None):
            if row.job and await JobRow.filter(id=row.job, state__in=UNDER_WAY).exists():
                return row
        # The next goes on with all that one that was stopped had found.
        stopped = ErasureRow.filter(workspace=actor.workspace, pseudonym=name, completed_at=None)
        before = await stopped.order_by("-created_at").first()
        if before is None:
            before = ErasureRow(
                id=uuid4(),
                workspace=actor.workspace,
                pseudonym=name,
                sealed=close(self._seal, Sealed(address, key)),
                asked_by_name=actor.name,
                created_at=self._clock.now(),
            )
            await before.save(force_create=True)
        elif not before.sealed:  # the last step alone was left, and new facts may have come since
            before.sealed = close(self._seal, Sealed(address, key))
        before.also = sorted({*(before.also or ()), *also})
        before.job = await self._jobs.create(_job(actor, zone, before.id), _steps(before.id))
        await before.save(update_fields=["job", "sealed", "also"])
        return before

    async def same_people(self, actor: Principal, address: str) -> tuple[Message, ...]:
        """Who of the workspace's own people has this address, and is not erased with the contact."""
        require(actor, Action.ERASE_CONTACT)
        return await also_known_as(actor.workspace, read_address(address).text)

    async def list(self, actor: Principal) -> Sequence[Erasure]:
        """The erasures, the latest first; so many as a page shows. Raises ``Forbidden``."""
        require(actor, Action.ERASE_CONTACT)
        rows = ErasureRow.filter(workspace=actor.workspace).order_by("-created_at", "id").limit(PAGE)
        return [Erasure.of(row) for row in await rows]

    async def get(self, actor: Principal, erasure: UUID) -> Erasure:
        """One of them. Raises ``NotFound``, ``Forbidden``."""
        require(actor, Action.ERASE_CONTACT)
        row = await ErasureRow.get_or_none(id=erasure, workspace=actor.workspace)
        if row is None:
            raise NotFound(_("There is no such erasure."))
        return Erasure.of(row)

    async def reimport(self, actor: Principal) -> Reimport:
        """What becomes of facts about erased contacts that come later. Raises ``Forbidden``."""
        require(actor, Action.ERASE_CONTACT)
        row = await ContactRulesRow.get_or_none(workspace=actor.workspace)
        return Reimport.ANONYMISE if row is None else Reimport(row.reimport)

    async def change_reimport(self, actor: Principal, reimport: Reimport) -> Reimport:
        """Change it, for what comes from now on. Raises ``Forbidden``."""
        require(actor, Action.ERASE_CONTACT)
        await self._list.key(actor.workspace)
        await ContactRulesRow.filter(workspace=actor.workspace).update(reimport=reimport)
        return reimport


def _job(actor: Principal, zone: str, erasure: UUID) -> NewJob:
    return NewJob(
        workspace=actor.workspace,
        kind="erasure",
        subject="contact",
        arguments={"erasure": str(erasure)},
        zone=zone,
        actor=actor.person,
        actor_name=actor.name,
        personal=True,
    )


def _steps(erasure: UUID) -> list[NewStep]:
    given = {"erasure": str(erasure)}
    return [
        NewStep(FACTS, given),
        NewStep(TRACES, given, after=(0,)),
        NewStep(FINISH, given, after=(1,)),
    ]
