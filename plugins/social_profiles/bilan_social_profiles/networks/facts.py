"""Facts of a profile that is pulled: its posts, its days, and what it received."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bilan.sdk import Fact, Retract
from bilan_social_profiles.vocabulary import COMMUNITY, POSTS, PROFILE_DAYS, ItemKind

FOLLOWERS_PART = "followers"
"""The part of a day that holds counted followers alone, where its other figures come apart from them."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Whose facts they are: the network's word, the name in reports, and the network's own id."""

    network: str
    name: str
    profile_id: str

    def post(self, post: str, published_at: datetime, **values: Any) -> Fact:
        """A post; where nothing else says its engagement, that is the sum of its interactions."""
        parts = (values.get(figure) for figure in ("reactions", "comments", "shares", "saves"))
        row = {"engagement": added(*parts), **values, "post": post, "published_at": published_at}
        return Fact(POSTS, {**row, **self._names()})

    def without(self, post: str) -> Retract:
        """A post that is gone."""
        return Retract(POSTS, {"network": self.network, "profile": self.name, "post": post})

    def day(self, day: date, figures: Mapping[str, int | None], part: str = "") -> Fact:
        """Figures of a day as the network cuts it, by their columns."""
        return Fact(PROFILE_DAYS, {**figures, "day": day, "part": part, **self._names()})

    def item(
        self,
        item: str,
        kind: ItemKind,
        received_at: datetime,
        *,
        replied_at: datetime | None = None,
        **values: Any,
    ) -> Fact:
        """What somebody wrote to the profile or about it, with the time that the first reply took."""
        seconds = None
        if replied_at is not None:
            seconds = max(0, round((replied_at - received_at).total_seconds()))
        row = {
            "item": item,
            "kind": kind.value,
            "received_at": received_at,
            "replied_at": replied_at,
            "response_seconds": seconds,
        }
        return Fact(COMMUNITY, {**values, **row, **self._names()})

    def _names(self) -> dict[str, str]:
        return {"network": self.network, "profile": self.name, "profile_id": self.profile_id}


def added(*figures: int | None) -> int | None:
    """The sum of the figures that are known; ``None`` where none is."""
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None
