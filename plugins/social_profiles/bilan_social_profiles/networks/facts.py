"""Facts of a profile that is pulled: its posts, its days, and what it received."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bilan.sdk import Fact, Retract
from bilan_social_profiles.facts import item_fact, post_fact
from bilan_social_profiles.vocabulary import POSTS, PROFILE_DAYS, ItemKind


@dataclass(frozen=True, slots=True)
class Profile:
    """Whose facts they are: the network's word, the name in reports, and the network's own id."""

    network: str
    name: str
    profile_id: str

    def post(self, post: str, published_at: datetime, **columns: Any) -> Fact:
        """A post as it is now known."""
        return post_fact(post=post, published_at=published_at, **columns, **self._whose())

    def without(self, post: str) -> Retract:
        """A post that is gone."""
        return Retract(POSTS, {"network": self.network, "profile": self.name, "post": post})

    def day(self, day: date, figures: Mapping[str, int | None]) -> Iterator[Fact]:
        """Figures of a day as the network cuts it, each a fact of its own.

        So a figure that comes later, or that the network withdraws, leaves the others where they were.
        """
        for column, value in figures.items():
            if value is not None:
                yield Fact(PROFILE_DAYS, {"day": day, "part": column, column: value, **self._whose()})

    def item(self, item: str, kind: ItemKind, received_at: datetime, **columns: Any) -> Fact:
        """What somebody wrote to the profile or about it."""
        return item_fact(item=item, kind=kind.value, received_at=received_at, **columns, **self._whose())

    def _whose(self) -> dict[str, str]:
        return {"network": self.network, "profile": self.name, "profile_id": self.profile_id}


def added(*figures: int | None) -> int | None:
    """The sum of the figures that are known; ``None`` where none is."""
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None
