"""A derived dataset that could not be kept right is a sentence at start-up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bilan.sdk.datasets import Column, ColumnType, Dataset, DistinctKey, Keep, Once, Rollup
from bilan.sdk.errors import Misdeclared
from support.chat import CHANGING_NOTES, NAME, NOTES, TALKS, chat

ONCE = Once("again", ((("kind", "said"),),), (DistinctKey(("note",), ("note",)),))
AGAIN = Column("again", ColumnType.BOOLEAN, NAME)


def derived(**changes: Any) -> Dataset:
    assert TALKS.derived is not None
    return replace(TALKS, derived=replace(TALKS.derived, **changes))


def with_column(name: str, **changes: Any) -> Dataset:
    """Talks with another declaration of one column."""
    columns = tuple(replace(one, **changes) if one.name == name else one for one in TALKS.columns)
    return replace(TALKS, columns=columns)


@pytest.mark.parametrize(
    ("talks", "sentence"),
    [
        (
            with_column("state", due="last_at"),
            "state of chat.talks is due at no instant that is marked as due and may be empty",
        ),
        (
            with_column("over_at", nullable=False),
            "over_at of chat.talks is due at no instant that is marked as due and may be empty",
        ),
        (
            with_column("words", due=True),
            "words of chat.talks is due at no instant that is marked as due and may be empty",
        ),
        (
            with_column("notes", due="over_at"),
            "notes of chat.talks has nothing to be read as until it is due, so it must be nullable",
        ),
        (
            with_column("contact", due="over_at"),
            (
                "contact of chat.talks cannot be due: only columns beside the order can, of datasets that "
                "change and have no rollup"
            ),
        ),
        (
            replace(TALKS, rollup=Rollup(("state",))),
            (
                "over_at of chat.talks cannot be due: only columns beside the order can, of datasets that "
                "change and have no rollup"
            ),
        ),
    ],
)
def test_what_could_not_be_read_as_anything_until_it_is_due_is_refused(talks: Dataset, sentence: str) -> None:
    with pytest.raises(Misdeclared) as refused:
        chat(NOTES, talks)

    assert str(refused.value) == f"The plugin chat is not usable: {sentence}"


@pytest.mark.parametrize("notes", [NOTES, CHANGING_NOTES])
def test_what_can_be_kept_right_starts(notes: Dataset) -> None:
    assert chat(notes).datasets["chat.talks"].derived is not None


@pytest.mark.parametrize(
    ("notes", "talks", "sentence"),
    [
        (
            NOTES,
            replace(TALKS, keep=Keep.FIRST, columns=tuple(replace(one, due=False) for one in TALKS.columns)),
            "chat.talks is derived, so its rows change: it keeps the last copy",
        ),
        (
            NOTES,
            replace(TALKS, retention_days=9),
            "chat.talks is derived, so its rows cannot end after some days",
        ),
        (
            NOTES,
            derived(of="chat.letters"),
            "chat.talks is derived from chat.letters, which is no dataset of the plugin that takes facts",
        ),
        (
            NOTES,
            derived(of="chat.talks"),
            "chat.talks is derived from chat.talks, which is no dataset of the plugin that takes facts",
        ),
        (
            replace(NOTES, retention_days=9),
            TALKS,
            "chat.talks is derived from chat.notes, whose facts may not end or happen only once",
        ),
        (
            replace(NOTES, columns=(*NOTES.columns, AGAIN), once=ONCE),
            TALKS,
            "chat.talks is derived from chat.notes, whose facts may not end or happen only once",
        ),
        (NOTES, derived(by=()), "chat.talks does not say by which columns it is derived"),
        (
            NOTES,
            derived(by=("words",)),
            "chat.talks is derived by words, which must be a text there and in chat.notes, and never null",
        ),
        (
            NOTES,
            derived(columns=("said_at", "mood")),
            "chat.talks is derived from mood, which is no column of chat.notes",
        ),
        (
            NOTES,
            derived(by=("kind",)),
            "chat.talks is derived by kind, which must be a text there and in chat.notes, and never null",
        ),
        (
            replace(NOTES, sort=("said_at",)),
            TALKS,
            "chat.talks is derived by contact, by which chat.notes must be sorted",
        ),
        (
            NOTES,
            derived(settings=("colour",)),
            "chat.talks is derived by the setting colour, which no kind of source has in the open",
        ),
        (
            NOTES,
            derived(settings=("secret",)),
            "chat.talks is derived by the setting secret, which no kind of source has in the open",
        ),
    ],
)
def test_what_cannot_be_kept_right_is_refused(notes: Dataset, talks: Dataset, sentence: str) -> None:
    with pytest.raises(Misdeclared) as refused:
        chat(notes, talks)

    assert str(refused.value) == f"The plugin chat is not usable: {sentence}"
