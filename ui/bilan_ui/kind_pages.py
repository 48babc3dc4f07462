"""Report kinds that are pages of their own: the groups of them in the navigation, one a plugin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bilan.accounts.policy import Action, allowed
from bilan.sdk.messages import Message
from bilan.sdk.reports import ReportKind

if TYPE_CHECKING:
    from bilan.accounts import Principal
    from bilan.registry.declared import Registry
    from bilan_ui.page_request import PageRequest


@dataclass(frozen=True)
class Group:
    """The pages of one plugin that somebody may see, in the order in which it declares them."""

    key: str
    label: Message
    kinds: tuple[ReportKind, ...]

    @property
    def address(self) -> str:
        """Where they are listed."""
        return f"/pages/{self.key}"


def groups_of(registry: Registry, actor: Principal) -> tuple[Group, ...]:
    """The groups that have any page for the actor."""
    persons = allowed(actor, Action.EXPORT_CONTACT_DATA)
    groups = (
        Group(
            one.plugin.namespace,
            one.plugin.label,
            tuple(kind for kind in one.reports if kind.page is not None and (persons or not kind.personal)),
        )
        for one in registry.declared
    )
    return tuple(group for group in groups if group.kinds)


def page_of(request: PageRequest, kind: str) -> ReportKind | None:
    """The kind with this key, where it has a page."""
    found = request.services.registry.reports.get(kind)
    return found if found is not None and found.page is not None else None


def address_of(kind: ReportKind) -> str:
    """Where the page of a kind is."""
    return f"/pages/{kind.key}"
