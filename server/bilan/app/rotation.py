"""A new secret key: what was sealed with the one before is sealed anew. See docs/decisions/078."""

from __future__ import annotations

from typing import Any

import anyio.to_thread
import msgspec

from bilan.catalog import Catalog
from bilan.catalog.statements import rows
from bilan.contacts.models import ContactRulesRow, ErasureRow
from bilan.delivery.models import SendingRow
from bilan.delivery.values import AttachmentFormat
from bilan.recipients.models import RecipientRow
from bilan.runs.models import ArtifactRow
from bilan.runs.secrets import Secrets
from bilan.runs.values import RenderSpec
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _
from bilan.seal import CONTACTS, RECIPIENTS, SHARES, Seal, Sealed
from bilan.settings import Settings
from bilan.shares.models import ShareGrantRow, ShareRow
from bilan.sources.models import SourceRow
from bilan.work.models import StepRow

HOLDING = "SELECT id, CAST({column} AS TEXT) AS stored FROM {table} WHERE CAST({column} AS TEXT) LIKE ?"


async def rotate(settings: Settings) -> tuple[int, int]:
    """Seal everything with the new key; how many secrets of sources and targets, and how many were lost.

    Where the key is kept in the data folder, a new one is made first. Nothing
    else may run on the folder. Raises ``Invalid`` where a key is set and the
    one before is not.
    """
    if settings.secret_key.get_secret_value():
        if not settings.previous_keys():
            raise Invalid(
                _("Set BILAN_SECRET_KEY to the new key and BILAN_PREVIOUS_SECRET_KEY to the one before."),
                ("previous_secret_key",),
            )
    else:
        await anyio.to_thread.run_sync(settings.replace_key)
    catalog = Catalog(settings.catalog_url)
    await catalog.open()
    try:
        with catalog.activate():
            async with catalog.transaction():
                counted = await _sealed(settings)
                await _options(Secrets(settings.key(), settings.previous_keys()))
    finally:
        await catalog.close()
    await anyio.Path(settings.previous_key_path).unlink(missing_ok=True)
    return counted


async def _sealed(settings: Settings) -> tuple[int, int]:
    """The secrets of sources, and of targets that reports are posted to."""
    counts = [
        await _reseal(SourceRow, Seal(settings.key(), settings.previous_keys())),
        await _reseal(RecipientRow, Seal(settings.key(), settings.previous_keys(), purpose=RECIPIENTS)),
    ]
    counts += await _shares(Seal(settings.key(), settings.previous_keys(), purpose=SHARES))
    counts += await _contacts(Seal(settings.key(), settings.previous_keys(), purpose=CONTACTS))
    return sum(sealed for sealed, _lost in counts), sum(lost for _sealed, lost in counts)


async def _shares(seal: Seal) -> list[tuple[int, int]]:
    """The passwords of shares whose e-mails are still on their way."""
    counts: list[tuple[int, int]] = []
    for row in await ShareRow.exclude(sealed=""):
        resealed = _anew(seal, row.sealed)
        await ShareRow.filter(id=row.id).update(sealed=resealed)
        counts.append((1, 0) if resealed else (0, 1))
    for grant in await ShareGrantRow.exclude(sealed=""):
        resealed = _anew(seal, grant.sealed)
        await ShareGrantRow.filter(id=grant.id).update(sealed=resealed)
        counts.append((1, 0) if resealed else (0, 1))
    return counts


async def _contacts(seal: Seal) -> list[tuple[int, int]]:
    """The keys by which erased contacts are known, and the addresses of those still being erased."""
    counts: list[tuple[int, int]] = []
    for rules in await ContactRulesRow.all():
        resealed = _anew(seal, rules.sealed_key)
        counts.append((1, 0) if resealed else (0, 1))
        if resealed:
            await ContactRulesRow.filter(workspace=rules.workspace).update(sealed_key=resealed)
    for row in await ErasureRow.exclude(sealed=""):
        if resealed := _anew(seal, row.sealed):
            await ErasureRow.filter(id=row.id).update(sealed=resealed)
    return counts


async def _reseal(model: type[SourceRow | RecipientRow], seal: Seal) -> tuple[int, int]:
    sealed = lost = 0
    for row in await model.all():
        for key, secret in row.sealed.items():
            try:
                row.sealed[key] = seal.reseal(secret)
                sealed += 1
            except Sealed:
                lost += 1
        if row.sealed:
            await row.save(update_fields=["sealed"])
    return sealed, lost


def _anew(seal: Seal, secret: str) -> str:
    """The secret, sealed anew; nothing where it is lost."""
    try:
        return seal.reseal(secret)
    except Sealed:
        return ""


async def _options(secrets: Secrets) -> None:
    """The passwords of files, wherever a step, a file or a sending keeps them."""
    for ident, stored in await _holding("step", "arguments"):
        await StepRow.filter(id=ident).update(arguments=secrets.resealed(stored))
    for ident, stored in await _holding("artifact", "render_spec"):
        spec = msgspec.convert(secrets.resealed(stored), RenderSpec)
        await ArtifactRow.filter(id=ident).update(render_spec=spec)
    for ident, stored in await _holding("sending", "formats"):
        formats = msgspec.convert(secrets.resealed(stored), tuple[AttachmentFormat, ...])
        await SendingRow.filter(id=ident).update(formats=formats)


async def _holding(table: str, column: str) -> list[tuple[Any, Any]]:
    found = await rows(HOLDING.format(table=table, column=column), '%"sealed"%')
    return [(row["id"], msgspec.json.decode(row["stored"])) for row in found]
