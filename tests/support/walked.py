"""Who walks through the server, what each may do, and which words each may read."""

from __future__ import annotations

ACME, FIGURES, ABOUT_PERSONS, NEIGHBOURS = "Zebrafish", "Axolotl", "Okapi", "Quagga"
"""Words that stand in the first workspace's people, in its figures, in rows about single persons, and in
everything of the second workspace."""

GUESTS = frozenset({"guest", "moderator"})
EDITORS = frozenset({"editor", "reader of persons"})
EVERYTHING = frozenset({"olga", "writing token"})
"""The owner who has every right, and her program."""
SOURCE_ADMINS = EVERYTHING | {"source admin"}
WRITERS = SOURCE_ADMINS | EDITORS
"""Those who may write reports of the sources and import into them."""
RUNNERS = WRITERS | GUESTS
READERS = RUNNERS | {"reading token"}
"""Those who may see figures of the sources."""
SEEING_PERSONS = frozenset({"olga", "reading token", "writing token", "reader of persons"})
MANAGERS = EVERYTHING | {"admin", "owner"}
ERASERS = EVERYTHING | {"neighbour"}
"""Those who manage a workspace and may see rows about single persons."""
MANAGERS_HERE = MANAGERS - {"writing token"}
"""The same without programs: a token gives nobody a way in."""
OURS = READERS | MANAGERS | {"member"}
"""Everybody of the first workspace."""
SIGNED_IN = OURS | {"neighbour"}
IN_PERSON = SIGNED_IN - {"reading token", "writing token"}
VIEWERS = frozenset({"viewer", "revoked viewer", "viewer of another share"})
"""Those who hold links to reports, who have no account: strangers, but for what their link shows."""
EVERYBODY = SIGNED_IN | VIEWERS | {"stranger"}
NOBODY = frozenset[str]()

SEES = {ACME: OURS, FIGURES: READERS, ABOUT_PERSONS: SEEING_PERSONS, NEIGHBOURS: frozenset({"neighbour"})}


def leaks(who: str, answer: str) -> list[str]:
    """The words of an answer that it should not have held."""
    who, answer = ("olga" if who == "forged" else who), answer.lower()
    return [word for word, readers in SEES.items() if word.lower() in answer and who not in readers]
