"""Adding, showing, changing and removing sources."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from bilan.accounts.models import Workspace
from bilan.accounts.policy import Action, allowed, require
from bilan.accounts.values import Principal, SourceRole
from bilan.catalog import Catalog
from bilan.catalog.statements import rows
from bilan.catalog.text import clean_name, is_storable
from bilan.clock import Clock
from bilan.parameters.times import parse_zone
from bilan.parameters.validation import validate
from bilan.registry.declared import Registry
from bilan.sdk.errors import Conflict, Invalid, Unavailable
from bilan.sdk.sources import SourceKind
from bilan.sdk.textdomain import _
from bilan.seal import Sealed
from bilan.sources import grants, scope
from bilan.sources.models import LONGEST_ADDRESS, SourceRow
from bilan.sources.reading import as_id, find, may_know, shown, unknown, value_of
from bilan.sources.recent import Recent
from bilan.sources.settings import Settings, filled, given
from bilan.sources.values import NamedSource, Source

NAMES = "SELECT id, name FROM source WHERE workspace_id = ? ORDER BY created_at"


class Sources:
    """The sources of a workspace. ``key`` is the server's secret, which seals theirs; so did ``previous``."""

    def __init__(
        self,
        catalog: Catalog,
        clock: Clock,
        registry: Registry,
        key: bytes,
        previous: Iterable[bytes] = (),
    ) -> None:
        self._catalog = catalog
        self._clock = clock
        self._registry = registry
        self._settings = Settings(key, previous)
        self._by_address = Recent[str, Source](clock)
        self._opened = Recent[UUID, dict[str, Any]](clock)
        self._of_kind = Recent[tuple[UUID, str, str], tuple[Source, ...]](clock)

    async def list(self, actor: Principal, *, removed: bool = False) -> tuple[Source, ...]:
        """The sources the actor may know of, by name; with ``removed``, those no longer in use too."""
        all_rows = SourceRow.filter(workspace_id=actor.workspace)
        found = await (all_rows if removed else all_rows.filter(removed_at__isnull=True))
        known = [shown(actor, row) for row in found if may_know(actor, row.id)]
        return tuple(sorted(known, key=lambda one: (one.name.casefold(), one.created_at)))

    async def are_there(self, actor: Principal) -> bool:
        """Whether the workspace has sources, though the actor may know of none."""
        require(actor, Action.READ_WORKSPACE)
        return await SourceRow.exists(workspace_id=actor.workspace, removed_at__isnull=True)

    async def get(self, actor: Principal, source: UUID | str) -> Source:
        """One source, by id (removed ones too) or by name. Raises ``NotFound``."""
        return shown(actor, await find(actor, source))

    async def readable(
        self, actor: Principal, wanted: Sequence[str] | None = None
    ) -> tuple[NamedSource, ...]:
        """The sources whose figures the actor may see, removed ones too; only these ids or names, if given.

        Raises ``NotFound`` where one of them is not among them.
        """
        found = [
            NamedSource(UUID(str(row["id"])), row["name"]) for row in await rows(NAMES, str(actor.workspace))
        ]
        visible = [one for one in found if allowed(actor, Action.READ_SOURCE, sources=(one.id,))]
        # Those of one name, of which all but one were removed, stay in the order in which they were added.
        return scope.chosen(actor, sorted(visible, key=lambda one: one.name.casefold()), wanted)

    async def feeding(self, workspace: UUID, datasets: Iterable[str]) -> frozenset[UUID]:
        """The sources in use whose plugin fills one of these datasets."""
        return await scope.feeding(self._registry, workspace, datasets)

    async def add(
        self,
        actor: Principal,
        *,
        plugin: str,
        kind: str,
        name: str,
        settings: Mapping[str, Any],
        zone: str | None = None,
    ) -> Source:
        """A new source. Whoever adds it becomes its admin; where the operator does, the owners do.

        ``zone`` is the workspace's where none is given. Raises ``Forbidden``,
        ``Invalid`` with the path of the setting, ``Conflict`` for a name in use.
        """
        require(actor, Action.ADD_SOURCE)
        namespace, declared = self.kind(plugin, kind)
        values = filled(declared, settings, {})
        name = _named(name)
        row = SourceRow(
            id=uuid4(),
            workspace_id=actor.workspace,
            plugin=namespace,
            kind=kind,
            name=name,
            live_name=name.casefold(),
            address=new_address(),
            zone=parse_zone(zone or (await Workspace.get(id=actor.workspace)).zone),
            created_at=self._clock.now(),
        )
        self._settings.store(row, declared, values)
        async with self._catalog.transaction():
            await self._free(actor.workspace, name)
            await row.save(force_create=True)
            await grants.first(actor, row.id)
        self._of_kind.forget()
        return value_of(row)

    async def change(
        self,
        actor: Principal,
        source: UUID,
        *,
        name: str | None = None,
        settings: Mapping[str, Any] | None = None,
        zone: str | None = None,
    ) -> Source:
        """Change what is given; the rest stays. A secret left empty stays too.

        Raises ``Forbidden``, ``NotFound``, ``Invalid``, ``Conflict``.
        """
        async with self._catalog.transaction():
            await self._catalog.advisory_lock(f"sources {actor.workspace}")
            row = await self._managed(actor, source)
            if name is not None:
                await self._rename(row, _named(name))
            if zone is not None:
                row.zone = parse_zone(zone)
            if settings is not None:
                self._refill(row, settings)
            await row.save(update_fields=["name", "live_name", "zone", "settings", "sealed", "verify"])
        self._forget()
        return value_of(row)

    def read_settings(self, kind: SourceKind, raw: Mapping[str, Any], *, left_open: str) -> dict[str, Any]:
        """Settings that belong to no source yet, as the plugin's code reads them; one may be left open.

        Raises ``Invalid`` with the setting's path.
        """
        needed = [replace(one, required=False) if one.key == left_open else one for one in kind.settings]
        known = {one.key for one in needed}
        return validate(needed, {key: raw[key] for key in raw if key in known}, client=None)

    async def reconnect(self, actor: Principal, source: UUID, secrets: Mapping[str, str]) -> Source:
        """Replace secrets of the source, and take it into use again where it was removed; all else stays.

        Raises ``Forbidden``, ``NotFound``.
        """
        async with self._catalog.transaction():
            await self._catalog.advisory_lock(f"sources {actor.workspace}")
            row = await find(actor, source)
            require(actor, Action.MANAGE_SOURCE, sources=(source,))
            if row.removed_at is not None:
                await self._free(actor.workspace, row.name)
                row.removed_at, row.live_name = None, row.name.casefold()
            self._settings.replace(row, secrets)
            await row.save(update_fields=["removed_at", "live_name", "sealed"])
        self._forget()
        return value_of(row)

    async def rotate_address(self, actor: Principal, source: UUID) -> Source:
        """Give the webhook a new address. The old one is unknown from now on."""
        row = await self._managed(actor, source)
        row.address = new_address()
        await row.save(update_fields=["address"])
        self._forget()
        return value_of(row)

    async def remove(self, actor: Principal, source: UUID) -> None:
        """Take the source out of use: its address ends and its name is free again.

        Its facts stay, and whoever may read them still may.
        """
        row = await self._managed(actor, source)
        row.removed_at, row.live_name = self._clock.now(), None
        await row.save(update_fields=["removed_at", "live_name"])
        self._forget()

    async def grant(self, actor: Principal, source: UUID, person: UUID, role: SourceRole | None) -> None:
        """Give a person of the workspace a role on the source, or none. Raises ``Forbidden``."""
        await find(actor, source)
        async with self._catalog.transaction():
            await grants.change(self._catalog, actor, source, person, role)

    async def grant_every(self, actor: Principal, person: UUID, role: SourceRole | None) -> None:
        """Give a person a role on every source, later ones too, or take it. Raises ``Forbidden``."""
        async with self._catalog.transaction():
            await grants.change_every(self._catalog, actor, person, role)

    async def by_address(self, address: str) -> Source | None:
        """The source whose webhook has this address, as it was at most five seconds ago."""
        if kept := self._by_address.get(address):
            return kept
        if len(address) > LONGEST_ADDRESS or not is_storable(address):
            return None
        row = await SourceRow.get_or_none(address=address, removed_at__isnull=True)
        return self._by_address.put(address, value_of(row)) if row else None

    async def of_kind(self, source: Source) -> tuple[Source, ...]:
        """The sources in use of its workspace and kind, the oldest first, as of at most five seconds ago."""
        key = (source.workspace, source.plugin, source.kind)
        if (kept := self._of_kind.get(key)) is not None:
            return kept
        rows = SourceRow.filter(
            workspace_id=source.workspace, plugin=source.plugin, kind=source.kind, removed_at__isnull=True
        )
        return self._of_kind.put(
            key, tuple([value_of(row) for row in await rows.order_by("created_at", "id")])
        )

    async def of_plugin(self, plugin: str) -> tuple[Source, ...]:
        """The sources in use of a plugin's kinds, of every workspace, for the plugin's code alone."""
        rows = SourceRow.filter(plugin=plugin, removed_at__isnull=True)
        return tuple([value_of(row) for row in await rows.order_by("created_at", "id")])

    async def open_settings(self, source: UUID) -> dict[str, Any]:
        """All settings with their secrets, for the plugin's code alone; at most five seconds old.

        Raises ``NotFound`` for a source that was removed or whose plugin is not installed.
        """
        if (kept := self._opened.get(source)) is not None:
            return kept
        row = await SourceRow.get_or_none(id=source, removed_at__isnull=True)
        if row is None:
            raise unknown()
        declared = self.kind(row.plugin, row.kind)[1]
        return self._opened.put(source, self._settings.opened(row, declared))

    async def proofs(self, source: Source) -> tuple[dict[str, Any], frozenset[str]]:
        """What a post is checked with: all settings, and which of their values are secrets.

        Raises ``Unavailable`` where they cannot be opened: the sender repeats
        the post, and it is not lost once the key is back.
        """
        try:
            settings = await self.open_settings(source.id)
        except Sealed as error:
            raise Unavailable(
                _("The source's secrets cannot be opened with the server's key; please send it again.")
            ) from error
        return settings, frozenset(str(settings[key]) for key in source.sealed if settings.get(key))

    async def _managed(self, actor: Principal, source: UUID) -> SourceRow:
        row = await find(actor, source)
        require(actor, Action.MANAGE_SOURCE, sources=(source,))
        if row.removed_at is not None:
            raise Conflict(_("The source {name} was removed.", name=row.name))
        return row

    async def _rename(self, row: SourceRow, name: str) -> None:
        if name.casefold() != row.live_name:
            await self._free(row.workspace_id, name)
        row.name, row.live_name = name, name.casefold()

    def _refill(self, row: SourceRow, raw: Mapping[str, Any]) -> None:
        declared = self.kind(row.plugin, row.kind)[1]
        changes = given(declared, raw)
        values = filled(declared, changes, self._settings.stored(row, but=changes))
        self._settings.store(row, declared, values)

    async def _free(self, workspace: UUID, name: str) -> None:
        await self._catalog.advisory_lock(f"sources {workspace}")
        if await SourceRow.exists(workspace_id=workspace, live_name=name.casefold()):
            raise Conflict(_("There is already a source called {name}.", name=name), ("name",))

    def kind(self, plugin: str, kind: str) -> tuple[str, SourceKind]:
        """The plugin's namespace and the kind. Raises ``Invalid`` with what there is."""
        found = self._registry.plugin_called(plugin)
        if found is None:
            installed = ", ".join(sorted(one.plugin.name for one in self._registry.declared if one.sources))
            text = _("No plugin {plugin} is installed; there are: {known}.", plugin=plugin, known=installed)
            raise Invalid(text, ("plugin",))
        declared = self._registry.source_kinds.get((found.namespace, kind))
        if declared is not None:
            return found.namespace, declared
        offered = ", ".join(f"{namespace} {key}" for namespace, key in sorted(self._registry.source_kinds))
        raise Invalid(
            _("There is no source {plugin} {kind}; the installed plugins offer: {offered}.",
              plugin=plugin, kind=kind, offered=offered),
            ("kind",),
        )  # fmt: skip

    def _forget(self) -> None:
        self._by_address.forget()
        self._opened.forget()
        self._of_kind.forget()


def new_address() -> str:
    """192 random bits for the URL of a webhook."""
    return secrets.token_urlsafe(24)


def _named(text: str) -> str:
    text = clean_name(text)
    if not text or len(text) > 200 or as_id(text):
        raise Invalid(_("A source needs a name of at most 200 characters that is no id."), ("name",))
    return text
