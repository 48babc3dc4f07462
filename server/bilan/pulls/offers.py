"""Profiles behind credentials: found, chosen by a person, and made sources of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from bilan.accounts.policy import Action, allowed, require
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.pulls.asking import Asking
from bilan.pulls.checking import Checks
from bilan.pulls.models import OfferRow
from bilan.pulls.values import OfferedProfile, Profiles
from bilan.sdk.errors import Forbidden, Invalid, NotFound
from bilan.sdk.pulls import Discovered, Discovery
from bilan.sdk.sources import SourceKind
from bilan.sdk.textdomain import _
from bilan.seal import Seal, Sealed
from bilan.sources import Source, Sources
from bilan.sources.models import SourceRow
from bilan.sources.settings import secrets_of
from bilan.sources.values import NamedSource

LASTS = timedelta(hours=1)
"""How long somebody may take to choose."""
MOST = 500
"""Profiles that are offered at most."""


class _Found(msgspec.Struct, frozen=True):
    """What is kept of a discovery, sealed: the settings given, and the profiles."""

    given: dict[str, Any]
    profiles: list[tuple[str, str, dict[str, str]]]
    """The key, the name and the settings of each."""


class Offers:
    """Finds the profiles behind credentials, and makes sources of those that somebody chooses."""

    def __init__(
        self, catalog: Catalog, sources: Sources, asking: Asking, checks: Checks, seal: Seal, clock: Clock
    ) -> None:
        self._catalog, self._sources, self._asking, self._checks = catalog, sources, asking, checks
        self._seal, self._clock = seal, clock

    async def find(self, actor: Principal, plugin: str, kind: str, settings: Mapping[str, Any]) -> Profiles:
        """Ask for the profiles. Nothing is added yet, and no secret handed out.

        Raises ``Forbidden``, ``Invalid`` with the setting's path, and what the service refuses in a sentence.
        """
        require(actor, Action.ADD_SOURCE)
        namespace, declared = self._sources.kind(plugin, kind)
        pull = _discovery(declared)
        values = self._sources.read_settings(declared, settings, left_open=declared.profile)
        found = await self._checks.ask(
            declared, pull, values, lambda context: _listed(pull.discover(context))
        )
        given = {key: value for key, value in settings.items() if value not in (None, "")}
        kept = _Found(given, [(one.key, one.name, dict(one.settings)) for one in found])
        row = await OfferRow.create(
            workspace=actor.workspace,
            person=actor.person,
            plugin=namespace,
            kind=kind,
            sealed=self._seal.close(msgspec.json.encode(kept).decode()),
            created_at=self._clock.now(),
        )
        return await self._profiles(actor, row, declared, kept)

    async def get(self, actor: Principal, offer: UUID) -> Profiles:
        """The profiles that were found, once more. Raises ``NotFound`` where that was too long ago."""
        row, declared, found = await self._open(actor, offer)
        return await self._profiles(actor, row, declared, found)

    async def connect(self, actor: Principal, offer: UUID, keys: Collection[str]) -> tuple[Source, ...]:
        """Make sources of the chosen profiles; whoever does becomes their admin.

        A profile that is a source already, or was, keeps that one with its
        history, name and roles: its secrets alone are replaced. Raises ``NotFound`` where the offer is
        too old, ``Invalid`` for a profile that is not among them, ``Forbidden`` for one whose source
        somebody else manages.
        """
        row, declared, found = await self._open(actor, offer)
        known = {key: (name, settings) for key, name, settings in found.profiles}
        if not keys or set(keys) - known.keys():
            raise Invalid(_("Choose at least one of the profiles that are offered."), ("profiles",))
        connected = list[Source]()
        # Of two clicks the second one finds the sources that the first one made.
        async with self._catalog.transaction():
            await self._catalog.advisory_lock(f"sources {row.workspace}")
            before = await self._sources_of(row.workspace, row.plugin, row.kind, declared)
            for key in keys:
                if key in before and not allowed(actor, Action.MANAGE_SOURCE, sources=(before[key].id,)):
                    raise _managed_by_others(known[key][0])
            for key in dict.fromkeys(keys):
                name, settings = known[key]
                values = {**found.given, **settings, declared.profile: key}
                if key in before:
                    secrets = {one: values[one] for one in secrets_of(declared) if values.get(one)}
                    connected.append(await self._sources.reconnect(actor, before[key].id, secrets))
                else:
                    connected.append(await self._add(actor, row, name, values))
        return tuple(connected)

    async def _add(self, actor: Principal, row: OfferRow, name: str, values: Mapping[str, Any]) -> Source:
        live = SourceRow.filter(workspace_id=row.workspace, live_name__isnull=False).only("live_name")
        taken = {one.live_name for one in await live}
        return await self._sources.add(
            actor, plugin=row.plugin, kind=row.kind, name=_free_name(name, taken), settings=values
        )

    async def _open(self, actor: Principal, offer: UUID) -> tuple[OfferRow, SourceKind, _Found]:
        require(actor, Action.ADD_SOURCE)
        row = await OfferRow.get_or_none(id=offer, workspace=actor.workspace, person=actor.person)
        if row is None or self._clock.now() - row.created_at >= LASTS:
            raise _too_old()
        try:
            found = msgspec.json.decode(self._seal.open(row.sealed), type=_Found)
        except Sealed:
            raise _too_old() from None
        return row, self._sources.kind(row.plugin, row.kind)[1], found

    async def _profiles(
        self, actor: Principal, row: OfferRow, declared: SourceKind, found: _Found
    ) -> Profiles:
        before = await self._sources_of(row.workspace, row.plugin, row.kind, declared)

        def named(key: str) -> NamedSource | None:
            source = before.get(key)
            if source is None or not allowed(actor, Action.READ_SOURCE, sources=(source.id,)):
                return None
            return NamedSource(source.id, source.name)

        offered = tuple(OfferedProfile(key, name, named(key)) for key, name, _settings in found.profiles)
        return Profiles(row.id, row.plugin, row.kind, offered, row.created_at + LASTS)

    async def _sources_of(
        self, workspace: UUID, plugin: str, kind: str, declared: SourceKind
    ) -> dict[str, SourceRow]:
        """The sources of the kind by the profile's key: the one in use, else the one that was used last."""
        rows = await SourceRow.filter(workspace_id=workspace, plugin=plugin, kind=kind).order_by("created_at")
        in_order = sorted(rows, key=lambda row: row.removed_at is None)
        return {str(row.settings.get(declared.profile)): row for row in in_order}


async def erase_offers(clock: Clock) -> int:
    """Erase the credentials and profiles that it is too late to choose from; how many. For the ticker."""
    return await OfferRow.filter(created_at__lte=clock.now() - LASTS).delete()


def _discovery(kind: SourceKind) -> Discovery:
    if not isinstance(kind.pull, Discovery):
        raise Invalid(_("Sources of this kind are added one by one."), ("kind",))
    return kind.pull


def _listed(found: Any) -> list[Discovered]:
    profiles = list[Discovered]()
    for one in found:
        profiles.append(one)
        if len(profiles) >= MOST:
            break
    return list({one.key: one for one in profiles}.values())


def _free_name(name: str, taken: set[str | None]) -> str:
    """The name, with a number where another source has it."""
    name = name.strip()[:180] or "?"
    names = (name, *(f"{name} ({number})" for number in range(2, len(taken) + 3)))
    return next(one for one in names if one.casefold() not in taken)


def _too_old() -> NotFound:
    return NotFound(_("These profiles were found too long ago; look for them once more."))


def _managed_by_others(name: str) -> Forbidden:
    return Forbidden(
        _("{name} is a source already, which you do not manage: ask one of its admins to connect it anew.",
          name=name)
    )  # fmt: skip
