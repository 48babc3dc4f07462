"""What every resolver can reach: the services, and on whose behalf it works."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import strawberry

from bilan.accounts.policy import Action, require, signed_in
from bilan.graphql.limits import MAX_COST
from bilan.sdk.errors import TooLarge
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from starlette.responses import Response

    from bilan.accounts.values import Principal
    from bilan.i18n import LocaleFormatter
    from bilan.query.kept import Ingredients
    from bilan.runs.events import RefreshActor
    from bilan.services import Services


class Place(Protocol):
    """What counts how many connections somebody has."""

    def take(self, actor: Principal, /) -> None:
        """Count one of theirs. Raises ``TooMany``."""
        ...


@dataclass
class Context:
    """The context of one request."""

    services: Services
    signed_in: Principal | None
    formatter: LocaleFormatter
    budget: int = MAX_COST
    refresh_actor: RefreshActor | None = None
    """Finds out anew who asks, where a connection lasts."""
    place: Place | None = None
    """The place of a connection that lasts, which its person takes once they are known."""
    ingredients: Ingredients | None = None
    """What the answer is made of, where somebody would keep it."""
    response: Response | None = None
    """The answer to be, where it is one over HTTP."""
    connection_params: dict[str, Any] = field(default_factory=dict[str, Any])
    """What a websocket's client said at its beginning; Strawberry writes it."""

    def spend(self, points: int) -> None:
        """Take from the request's budget. Raises ``TooLarge`` when it is used up."""
        self.budget -= points
        if self.budget < 0:
            raise TooLarge(_("The query asks for too much at once; split it into several requests."))

    def may_ask(self, *, personal: bool) -> None:
        """Refuse rows about single persons to those without the permission."""
        if personal:
            require(self.actor, Action.EXPORT_CONTACT_DATA)

    @property
    def actor(self) -> Principal:
        """Who asks. Raises ``Unauthenticated`` where nobody is known."""
        return signed_in(self.signed_in)


Info = strawberry.Info[Context, None]
