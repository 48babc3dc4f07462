"""What the columns of an unknown table hold: a proposal from their headings and first rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from bilan.sdk import ColumnMapping, Mapped, TableFile, TableRow, read_text
from bilan_social_profiles.network_names import is_network, read_network
from bilan_social_profiles.readers.words import plain, uses_of
from bilan_social_profiles.vocabulary import COMMUNITY, POSTS, PROFILE_DAYS

TELLING = {
    POSTS: frozenset({
        "post", "kind", "text", "url", "reactions", "comments", "shares", "saves", "video_views",
        "posted_month", "posted_weekday", "posted_hour", "followers_when_posted", "labels", "author",
    }),
    PROFILE_DAYS: frozenset({
        "followers", "followers_gained", "followers_lost", "profile_visits", "posts_published",
    }),
    COMMUNITY: frozenset({"received_at", "replied_at", "reviewed_at", "hidden", "rating", "item"}),
}  # fmt: skip
"""The uses that tell what a table is about: no other dataset has them, or it has no date that fits them."""
ENOUGH = 2
"""So many of them make a table of what was written to a profile."""
UNSURE = frozenset({"channel", "canal", "kanal", "source", "service", "channel type"})
"""Headings of networks that may head something else."""
WORD = re.compile(r"[A-Za-z][A-Za-z+.]*")


def propose(table: TableFile, name: str, network: str = "") -> ColumnMapping:
    """The dataset that a table seems made for, and the use of each of its columns.

    ``name`` is that of the file or sheet, which may name the network where
    no column does; ``network`` is what is known of it otherwise.
    """
    rows = table.sample()
    dataset = _dataset(table.columns, rows)
    uses = _uses(table.columns, rows, dataset)
    columns = tuple(Mapped(one, uses.get(one, ""), _sample(rows, one)) for one in table.columns)
    said = network or network_of(name)
    constants = {"network": said} if said and "network" not in uses.values() else {}
    return ColumnMapping(dataset, columns, constants)


def network_of(name: str) -> str:
    """The network that a file's or sheet's name names, where it names one alone."""
    found = {read_network(word) for word in WORD.findall(name) if len(word) > 1 and is_network(word)}
    return found.pop() if len(found) == 1 else ""


def _dataset(columns: Sequence[str], rows: Sequence[TableRow]) -> str:
    found = {key: set(_uses(columns, rows, key).values()) & telling for key, telling in TELLING.items()}
    if len(found[COMMUNITY] - {"item", "received_at"}) >= ENOUGH or "replied_at" in found[COMMUNITY]:
        return COMMUNITY
    days = "day" in _uses(columns, rows, PROFILE_DAYS).values()
    told = found[POSTS] & {"post", "text", "url", "kind", "followers_when_posted", "author"}
    if "followers" in found[PROFILE_DAYS] and not told - {"url"}:
        return PROFILE_DAYS
    return PROFILE_DAYS if days and not told else POSTS


def _uses(columns: Sequence[str], rows: Sequence[TableRow], dataset: str) -> dict[str, str]:
    """Each use goes to the column whose heading ranks first for it, and no column has two."""
    offered = sorted(
        (rank, place, target)
        for place, column in enumerate(columns)
        for target, rank in _told(column, rows, dataset)
    )
    uses, taken = dict[str, str](), set[str]()
    for _rank, place, target in offered:
        if columns[place] not in uses and target not in taken:
            uses[columns[place]] = target
            taken.add(target)
    return _adapted(uses, columns, dataset)


def _told(column: str, rows: Sequence[TableRow], dataset: str) -> list[tuple[str, int]]:
    """What a column may hold by its heading, and where that leaves it open by what stands in it."""
    uses = uses_of(column, dataset)
    if plain(column) not in UNSURE:
        return uses
    networks = _holds_networks(rows, column)
    return [(target, rank) for target, rank in uses if (target == "network") == networks]


def _adapted(uses: dict[str, str], columns: Sequence[str], dataset: str) -> dict[str, str]:
    """Of month, weekday and hour of a post nothing is read where its date is known."""
    targets = set(uses.values())
    if dataset == POSTS and "published_at" in targets:
        return {column: target for column, target in uses.items() if not target.startswith("posted_")}
    if dataset == PROFILE_DAYS and "profile_id" not in targets:
        # An address in a table of profiles is theirs.
        addresses = (one for one in columns if any(target == "url" for target, _ in uses_of(one, POSTS)))
        return {**dict.fromkeys(islice(addresses, 1), "profile_id"), **uses}
    return uses


def _holds_networks(rows: Sequence[TableRow], column: str) -> bool:
    """Whether most of what a column holds are names of networks."""
    written = [text for row in rows if (text := read_text(row.get(column)).strip())]
    return sum(map(is_network, written)) * 2 > len(written)


def _sample(rows: Sequence[TableRow], column: str) -> str:
    return next((text for row in rows if (text := read_text(row.get(column)))), "")[:100]
