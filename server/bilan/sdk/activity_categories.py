"""Activity categories: what contacts do, by name, and where it is looked up what is archived since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bilan.sdk.messages import Message


@dataclass(frozen=True, slots=True)
class Archive:
    """A dataset whose rows say what is archived: looked up when somebody asks, as things are archived later.

    ``key`` is the column that holds what activities name as their
    ``subject_key``, ``flag`` the column of type BOOLEAN that is true once it is archived.
    """

    dataset: str
    key: str
    flag: str = "archived"


@dataclass(frozen=True, slots=True)
class ActivityCategory:
    """A category of ``contact.activity``, with the names of its actions.

    Several plugins may declare the same ``key``: the first one's label
    stands, and all their actions. An action that nobody names is shown as it is written.
    """

    key: str
    label: Message
    actions: Mapping[str, Message] = field(default_factory=dict[str, Message], hash=False)
    archive: Archive | None = None
