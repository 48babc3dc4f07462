"""Texts of the catalog that name an erased contact: the pseudonym takes the place of the address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from bilan.catalog.statements import change, rows
from bilan.contacts.forms import Forms


class Text(NamedTuple):
    """A column of the catalog that may name a contact, and which of its rows are a workspace's.

    ``longest`` are the characters it has room for, if that is limited.
    """

    table: str
    column: str
    of_workspace: str
    longest: int | None = None
    key: str = "id"


_JOBS = "SELECT id FROM job WHERE workspace = ? AND kind NOT IN ('delivery', 'mail')"
_SOURCES = "SELECT id FROM source WHERE workspace_id = ?"
_SHARES = "SELECT id FROM share WHERE workspace_id = ?"
TEXTS = (
    Text("job", "title", f"id IN ({_JOBS})", 400),
    *(Text("job", column, f"id IN ({_JOBS})") for column in ("arguments", "error")),
    *(Text("step", column, f"job_id IN ({_JOBS})") for column in ("arguments", "detail", "error")),
    Text("report", "name", "workspace_id = ?", 200),
    Text("report", "folded_name", "workspace_id = ?", 400),
    Text("report", "parameters", "workspace_id = ?"),
    Text("schedule", "report_name", "workspace_id = ?", 200),
    Text("sending", "message", "workspace = ?"),
    Text("sending", "mail", "workspace = ?"),
    Text("share", "title", "workspace_id = ?", 400),
    Text("share", "message", "workspace_id = ?"),
    Text("share_event", "detail", f"share_id IN ({_SHARES})"),
    Text("kept_mail", "subject", "workspace = ?"),
    Text("upload", "name", "workspace = ?"),
    Text("upload", "mapping", "workspace = ?"),
    *(Text("pull", column, "workspace = ?") for column in ("state", "said", "notes")),
    *(Text("pulled_source", one, f"source IN ({_SOURCES})", key="source") for one in ("state", "said")),
    Text("contact_merge", "reason", "workspace = ?", 400),
    Text("source", "notes", "workspace_id = ?"),
    Text("derivation", "failure", f"source IN ({_SOURCES})"),
    Text("artifact", "file_name", f"run_id IN ({_JOBS})", 400),
)
"""What people are called who use the workspace, or get its reports, is not among them."""


async def replace_texts(workspace: UUID, forms: Forms, by: str) -> int:
    """Replace the address in all of them; how many texts named it."""
    needles = [_like(form) for form in _readable(forms)]
    replaced = 0
    for one in TEXTS:
        for row in await rows(_named(one, len(needles)), str(workspace), *needles):
            new = forms.replace(row["text"], by)
            if new == row["text"]:
                continue
            new = new if one.longest is None else new[: one.longest]
            await change(f"UPDATE {one.table} SET {one.column} = ? WHERE {one.key} = ?", new, row["ident"])  # noqa: S608 - our own names
            replaced += 1
    return replaced


def _named(one: Text, needles: int) -> str:
    """The statement that finds the rows whose text may name them."""
    stored = f"CAST({one.column} AS TEXT)"
    likes = " OR ".join([f"LOWER({stored}) LIKE ? ESCAPE '!'"] * needles)
    return (
        f"SELECT {one.key} AS ident, {stored} AS text FROM {one.table}"  # noqa: S608 - our own names
        f" WHERE {one.of_workspace} AND {stored} IS NOT NULL AND ({likes})"
    )


def _readable(forms: Forms) -> Iterator[str]:
    """The forms that are text, in lower case."""
    for needle in (*forms.needles, *forms.exact):
        if b"\0" not in needle:
            yield needle.decode(errors="replace").lower()


def _like(text: str) -> str:
    for sign in "!%_":
        text = text.replace(sign, f"!{sign}")
    return f"%{text}%"
