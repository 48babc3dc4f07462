"""A token in wrong hands, and the files that a server leaves on its disk."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.attacks.target import TIMEOUT, Target, attack

TABLES = ("person", "membership", "api_token", "grant")
WANTED = (
    'mutation { addPerson(email: "thief@example.org", role: OWNER) { link } }',
    'mutation { createToken(email: "careless@example.org", name: "t", scopes: [WRITE], days: 9) { token } }',
    'mutation { issuePasswordLink(email: "bench@example.org") { link } }',
    'mutation { setRole(person: "%s", role: OWNER) { id } }',
    'mutation { deactivatePerson(person: "%s") { id } }',
)
OTHERS = 0o077


@attack("7", "an owner's token asks for people, roles, tokens and password links, 4 at once")
def a_token_that_wants_more(target: Target) -> None:
    """Whoever finds it keeps it no longer than it lasts."""
    before = _people(target)

    def ask() -> None:
        for document in WANTED:
            answer = target.answered(document.replace("%s", "00000000-0000-4000-8000-000000000000"))
            codes = [one.get("extensions", {}).get("code", "?") for one in answer.get("errors", ())]
            target.got["/".join(codes) or ("given" if answer else "hung up")] += 1

    target.until_over(4, ask)
    if target.got["given"] or _people(target) != before:
        raise RuntimeError("a token gave rights")


def _people(target: Target) -> list[list[tuple[object, ...]]]:
    with closing(sqlite3.connect(target.product.folder / "catalog.sqlite", timeout=TIMEOUT)) as catalog:
        known = {name for (name,) in catalog.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return [
            sorted(catalog.execute(f"SELECT id FROM {table}").fetchall())
            for table in TABLES
            if table in known
        ]


@attack("8", "another user of the machine looks at every file that the server makes")
def the_modes_of_files(target: Target) -> None:
    """Also at those that are there for a moment."""
    open_to_others = set[str]()
    while target.going():
        for path in _below(target.product.folder):
            target.got["looked at"] += 1
            if _mode(path) & OTHERS:
                open_to_others.add(path.name)
        target.wait(0.2)
    if open_to_others:
        raise RuntimeError(f"others may open {', '.join(sorted(open_to_others)[:5])}")


def _below(folder: Path) -> Iterator[Path]:
    """A folder and all in it; what is gone before it is looked at is passed over."""
    yield folder
    for where, folders, files in os.walk(folder):
        yield from (Path(where, name) for name in (*folders, *files))


def _mode(path: Path) -> int:
    try:
        return path.lstat().st_mode if not path.is_symlink() else 0
    except OSError:
        return 0  # it is gone by now


@attack("8", "posts with secrets in headers and parameters of every name, 4 at once")
def secrets_in_posts(target: Target) -> None:
    """What is written down of a post can be read by whoever gets a backup."""
    secret = "do-not-write-this-down"
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {secret}",
        "X-Api-Key": secret,
        "X-Webhook-Secret": secret,
        "Cookie": f"session={secret}",
    }
    target.until_over(
        4, lambda: target.ask("POST", f"{target.mailgun}?token={secret}", b'{"event-data": {}}', headers)
    )
    files = [*target.product.folder.glob("catalog.sqlite*"), target.product.folder.with_suffix(".log")]
    if any(secret.encode() in file.read_bytes() for file in files if file.exists()):
        raise RuntimeError("a secret of a post was written down")
