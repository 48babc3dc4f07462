"""Verification without a server: the catalog is read as it stands, and nothing is written."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio.to_thread

from bilan.catalog import Catalog
from bilan.delivery.models import LedgerEntryRow
from bilan.delivery.provenance import FileProvenance, MadeFile, made_under, provenance_of
from bilan.delivery.verification import ChainCheck, check_chains
from bilan.settings import Settings

MINUTES = "%Y-%m-%d %H:%M UTC"
SHOWN = 50
"""So many deliveries of a file are listed."""


async def verify_ledger(settings: Settings, head: str) -> tuple[bool, list[str]]:
    """Whether every chain holds and one of them holds the hash ``head``, and lines that say so.

    Without a ``head`` the chains alone are looked at. Raises ``Unavailable``
    where there is no catalog of this release.
    """
    async with _reading(settings):
        checks = await check_chains()
        missing = bool(head) and not await LedgerEntryRow.exists(hash=head)
    lines = [_chain_line(one) for one in checks] or ["There is no workspace yet."]
    if missing:
        lines.append(f"No entry has the hash {head}: the chain is not the one that it was taken from.")
    return not missing and not any(one.broken for one in checks), lines


async def verify_files(settings: Settings, files: Sequence[Path]) -> tuple[bool, list[str]]:
    """Whether each file is one that was made here, and lines that say of which run and for whom.

    Raises ``Unavailable`` like :func:`verify_ledger`, and ``OSError`` for a file that cannot be read.
    """
    right, lines = True, list[str]()
    async with _reading(settings):
        for file in files:
            sha256 = await anyio.to_thread.run_sync(_hash, file)
            found = await provenance_of(sha256)
            if found.made or found.deliveries:
                lines += [f"{file}: made here, and not changed since.", *_file_lines(found)]
            else:
                right = False
                lines += [f"{file}: not made here, or changed since. SHA-256 {sha256}"]
                lines += _similar_lines(await made_under(file.name))
    return right, lines


@asynccontextmanager
async def _reading(settings: Settings) -> AsyncGenerator[None]:
    catalog = Catalog(settings.catalog_url)
    await catalog.open(upgrade=False)
    try:
        with catalog.activate():
            yield
    finally:
        await catalog.close()


def _chain_line(check: ChainCheck) -> str:
    if check.broken is None:
        holding = "1 entry holds" if check.entries == 1 else f"{check.entries} entries hold"
        return f"{check.workspace}: {holding}. The last has the hash {check.head}"
    where = "the ledger is broken" if check.at is None else f"entry {check.at} is broken"
    return f"{check.workspace}: {where}: {check.broken}."


def _file_lines(found: FileProvenance) -> Iterator[str]:
    for one in found.made:
        yield f"  Made {one.made_at:{MINUTES}} by run {one.run}: {one.title} ({one.kind})"
        as_of = f", facts as of {one.as_of:{MINUTES}}" if one.as_of else ""
        yield f"  As {one.file_name} ({one.format}, {one.language}){as_of}"
        if one.definitions:
            named = ", ".join(f"{metric.key} {metric.version}" for metric in one.definitions)
            yield f"  Versions of its definitions: {named}"
    if not found.made:
        yield f"  Made by run {found.deliveries[0].run}, which was deleted since."
    for delivery in found.deliveries[:SHOWN]:
        how = "attached" if delivery.attached else "by link"
        whom = delivery.address or "somebody who was erased since"
        yield f"  {delivery.settled_at:{MINUTES}} {delivery.channel} {delivery.state} {how}: {whom}"
    if (more := len(found.deliveries) - SHOWN) > 0:
        yield f"  … and {more} more"
    if not found.deliveries:
        yield "  Not delivered to anybody."


def _similar_lines(made: MadeFile | None) -> Iterator[str]:
    if made is not None:
        yield f"  The file of this name that run {made.run} made {made.made_at:{MINUTES}} has another hash."


def _hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
