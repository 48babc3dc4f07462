"""What a sending does, step by step: render files, compose letters, and send to each recipient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from bilan.delivery.consent import Consent
from bilan.delivery.letter_keys import letter_key
from bilan.delivery.values import Addressee, NewSending
from bilan.recipients.values import EMAIL
from bilan.work import NewStep
from bilan.work.idempotency import request_hash

DELIVER = f"deliver:{EMAIL}"
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    """One recipient's part of a sending. ``letter`` is the key of the letter that they get."""

    delivery: UUID
    addressee: Addressee
    language: str
    formats: tuple[str, ...]
    letter: str
    consent: Consent


def planned_for(
    one: Addressee, language: str, new: NewSending, consent: Consent, *, undated: bool
) -> PlannedDelivery:
    """A recipient's part of a sending; ``undated`` where its letters wait for a yes."""
    letter = letter_key(
        zone=one.zone,
        formats=one.formats,
        external=one.external,
        confirms=consent.confirms,
        undated=undated,
    )
    formats = new.formats if one.formats is None else one.formats
    return PlannedDelivery(uuid4(), one, language_tag(language), formats, letter, consent)


def recipient_columns(one: Addressee, language: str) -> dict[str, Any]:
    """The columns of a delivery's row that say who it is for."""
    return {
        "channel": one.channel,
        "recipient": one.id,
        "address": one.address,
        "name": one.name[:LONGEST_NAME],
        "external": one.external,
        "language": language_tag(language),
        "zone": one.zone,
    }


def language_tag(language: str) -> str:
    """A language as files and letters name it: ``pt-BR`` for what people prefer as ``pt_BR``."""
    return language.replace("_", "-")


def steps_of(
    sending: UUID, planned: Sequence[PlannedDelivery], *, rendered: bool, approval: NewStep | None = None
) -> list[NewStep]:
    """A step for each file, each letter and each recipient whose message does not wait.

    A letter waits for its own files alone: what fails in one language or zone
    keeps nothing from those who read another. ``rendered`` says that the files are there.
    An ``approval`` waits for all letters, and everything that leaves for it.
    """
    steps: list[NewStep] = []
    files, letters = dict[tuple[str, ...], int](), dict[tuple[str, str, str], int]()
    for one in planned:
        needed = list[int]()
        for file_format in () if rendered else dict.fromkeys(one.formats):
            wanted = {"format": file_format, "language": one.language}
            if one.addressee.zone:
                wanted["zone"] = one.addressee.zone
            index = files.setdefault(tuple(wanted.values()), len(steps))
            if index == len(steps):
                steps.append(_step(f"render_attachment:{file_format}", sending, wanted))
            needed.append(index)
        index = letters.setdefault(_letter(one), len(steps))
        if index == len(steps):
            wanted = {"language": one.language}
            if one.letter:
                wanted["letter"] = one.letter
            steps.append(_step(f"compose:{one.addressee.channel}", sending, wanted, after=tuple(needed)))
    gate = ()
    if approval is not None:
        gate = (len(steps),)
        steps.append(replace(approval, after=tuple(letters.values())))
    leaving = (one for one in planned if not one.consent.withheld)
    return steps + [
        NewStep(
            f"deliver:{one.addressee.channel}",
            {"delivery": str(one.delivery)},
            after=(letters[_letter(one)], *gate),
        )
        for one in leaving
    ]


def _letter(one: PlannedDelivery) -> tuple[str, str, str]:
    return one.addressee.channel, one.language, one.letter


def _step(name: str, sending: UUID, more: dict[str, str], after: tuple[int, ...] = ()) -> NewStep:
    return NewStep(name, {"sending": str(sending), **more}, after, key=request_hash(name, more))
