"""The brand of workspaces: kept, changed, and handed to whatever renders. See docs/decisions/043."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from uuid import UUID

import anyio.to_thread
import msgspec

from bilan.accounts.models import Workspace
from bilan.accounts.policy import Action, require
from bilan.accounts.values import Principal
from bilan.branding.logos import checked
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.files import Files
from bilan.files.references import FileReferences, Owner, confirm_references, release_references
from bilan.sdk.errors import Invalid, NotFound
from bilan.sdk.rendering import Brand
from bilan.sdk.textdomain import _

COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class BrandInfo:
    """A workspace's brand, without the picture itself. The logo's alternative text is the name."""

    name: str
    colour: str | None = None
    logo: str | None = None
    """The SHA-256 under which the picture is kept."""
    logo_type: str | None = None

    @property
    def stamp(self) -> str:
        """The same for brands that give the same files."""
        return hashlib.sha256(msgspec.json.encode((self.name, self.colour, self.logo))).hexdigest()

    @property
    def logo_url(self) -> str | None:
        """Where people of the workspace get the picture; a changed one has another address."""
        return f"/brand/logo/{self.logo}" if self.logo else None


class Branding:
    """Keeps colours and logos. Everybody in a workspace sees them; managers change them."""

    def __init__(self, catalog: Catalog, files: Files, clock: Clock) -> None:
        self._catalog, self._files = catalog, files
        self._references = FileReferences(catalog, files, clock)

    async def info(self, workspace: UUID) -> BrandInfo:
        """The brand of a workspace; nothing but an empty name where it is gone."""
        row = await Workspace.get_or_none(id=workspace)
        return BrandInfo(row.name, row.colour, row.logo, row.logo_type) if row else BrandInfo("")

    async def brand(self, info: BrandInfo) -> Brand:
        """The brand as renderers take it, with the picture's bytes."""
        logo = await self._files.read(info.logo) if info.logo else None
        return Brand(info.colour, logo, info.logo_type if logo else None)

    async def get(self, actor: Principal) -> BrandInfo:
        """The brand of the actor's workspace."""
        require(actor, Action.READ_WORKSPACE)
        return await self.info(actor.workspace)

    async def set_colour(self, actor: Principal, colour: str | None) -> BrandInfo:
        """Change the colour; without one the look's own stands in. Raises ``Forbidden``, ``Invalid``."""
        require(actor, Action.MANAGE_WORKSPACE)
        given = (colour or "").strip().lower()
        if given and not COLOUR.fullmatch(given):
            raise Invalid(
                _("{colour} is no colour; write it like #0e6377.", colour=(colour or "")[:40]), ("colour",)
            )
        await Workspace.filter(id=actor.workspace).update(colour=given or None)
        return await self.info(actor.workspace)

    async def set_logo(self, actor: Principal, content: bytes) -> BrandInfo:
        """Change the logo: a PNG or JPEG of at most 1 MB. Raises ``Forbidden``, ``Invalid``, ``TooLarge``."""
        require(actor, Action.MANAGE_WORKSPACE)
        logo = await anyio.to_thread.run_sync(checked, content)
        stored = await self._references.put(Owner("workspace", actor.workspace), logo.content)
        await self._replace_logo(actor.workspace, stored.sha256, logo.media_type)
        return await self.info(actor.workspace)

    async def remove_logo(self, actor: Principal) -> BrandInfo:
        """Go without a logo. Raises ``Forbidden``."""
        require(actor, Action.MANAGE_WORKSPACE)
        await self._replace_logo(actor.workspace, None, None)
        return await self.info(actor.workspace)

    async def _replace_logo(self, workspace: UUID, sha256: str | None, media_type: str | None) -> None:
        owner = Owner("workspace", workspace)
        async with self._catalog.transaction():
            # Of two who change it at once, the second replaces the first one's.
            row = await Workspace.filter(id=workspace).select_for_update().get()
            if row.logo is not None and row.logo != sha256:
                await release_references(owner, [row.logo])
            await confirm_references(owner, [sha256] if sha256 else [])
            await Workspace.filter(id=workspace).update(logo=sha256, logo_type=media_type)

    async def logo(self, actor: Principal, sha256: str) -> tuple[bytes, str]:
        """The workspace's logo and its media type, by its hash. Raises ``NotFound``."""
        info = await self.get(actor)
        if info.logo is None or info.logo_type is None or info.logo != sha256:
            raise NotFound(_("There is no such logo."))
        return await self._files.read(info.logo), info.logo_type
