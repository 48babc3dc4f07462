"""The workspace itself: how it begins, what it prefers, and who stands outside it."""

from __future__ import annotations

from bilan.accounts.defaults import language as checked_language
from bilan.accounts.defaults import named, weekday
from bilan.accounts.models import Membership, Workspace
from bilan.accounts.policy import Action, require
from bilan.accounts.reading import workspace_info
from bilan.accounts.values import OperatorPrincipal, Principal, WorkspaceInfo
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.parameters.times import parse_zone
from bilan.sdk.errors import Conflict, NotFound
from bilan.sdk.textdomain import _


class Workspaces:
    """Begins the workspace and keeps its settings."""

    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self._catalog = catalog
        self._clock = clock
        self._has_people = False

    async def is_bootstrapped(self) -> bool:
        """Whether there is a workspace yet."""
        return await Workspace.exists()

    async def has_people(self) -> bool:
        """Whether anybody belongs to the server yet."""
        # Nobody is ever taken out of a server, and its front door asks at every visit.
        self._has_people = self._has_people or await Membership.exists()
        return self._has_people

    async def bootstrap_workspace(
        self, workspace: str, *, zone: str = "UTC", first_weekday: int = 0, language: str = "en"
    ) -> WorkspaceInfo:
        """The first workspace, without anybody in it yet. The operator adds its owner next.

        The caller has proved to be the operator. Raises ``Conflict`` where
        there is a workspace already, ``Invalid``.
        """
        row = Workspace(
            name=named(workspace),
            zone=parse_zone(zone),
            first_weekday=weekday(first_weekday),
            language=checked_language(language),
            created_at=self._clock.now(),
        )
        async with self._catalog.transaction():
            await self._catalog.advisory_lock("workspaces")
            if await self.is_bootstrapped():
                raise Conflict(_("There is a workspace already; ask its owner to add you."))
            await row.save()
        return workspace_info(row)

    async def workspace(self, actor: Principal) -> WorkspaceInfo:
        """The actor's workspace."""
        require(actor, Action.READ_WORKSPACE)
        return workspace_info(await Workspace.get(id=actor.workspace))

    async def change_workspace(
        self, actor: Principal, *, name: str, zone: str, first_weekday: int, language: str
    ) -> WorkspaceInfo:
        """Change the workspace's name and defaults. Raises ``Forbidden``, ``Invalid``."""
        require(actor, Action.MANAGE_WORKSPACE)
        await Workspace.filter(id=actor.workspace).update(
            name=named(name),
            zone=parse_zone(zone),
            first_weekday=weekday(first_weekday),
            language=checked_language(language),
        )
        return await self.workspace(actor)

    async def operator(self) -> OperatorPrincipal:
        """Whoever is at the server's own machine, in its workspace. Raises ``NotFound`` before it begins."""
        row = await Workspace.all().order_by("created_at").first()
        if row is None:
            raise NotFound(_("There is no workspace yet; begin with one."))
        return OperatorPrincipal(
            workspace=row.id,
            language=row.language,
            zone=row.zone,
            first_weekday=row.first_weekday,
            workspace_name=row.name,
        )
