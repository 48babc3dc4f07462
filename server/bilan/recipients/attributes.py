"""Attributes of recipients: values by name, such as the profiles that somebody looks after.

People of the workspace have them as external recipients do. A schedule may
take the values of a filter from one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from bilan.accounts.policy import Action, require
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.catalog.text import clean_name
from bilan.clock import Clock
from bilan.parameters.kinds import texts
from bilan.recipients.address_book import no_recipient
from bilan.recipients.models import RecipientAttributeRow
from bilan.recipients.reading import read_recipient
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

LONGEST_NAME = 60
LONGEST_VALUE = 200
MOST_NAMES = 20
MOST_VALUES = 100


class RecipientAttributes:
    """Keeps attributes, for whoever manages recipients. Methods raise ``Forbidden``."""

    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self._catalog, self._clock = catalog, clock

    async def get(self, actor: Principal, recipient: UUID) -> dict[str, tuple[str, ...]]:
        """The values of a recipient, by the names of attributes, in order."""
        require(actor, Action.MANAGE_RECIPIENTS)
        rows = RecipientAttributeRow.filter(workspace_id=actor.workspace, recipient=recipient)
        return {row.name: row.values for row in await rows.order_by("name")}

    async def names(self, actor: Principal) -> tuple[str, ...]:
        """The names of attributes that any recipient of the workspace has, in order."""
        require(actor, Action.READ_WORKSPACE)
        rows = RecipientAttributeRow.filter(workspace_id=actor.workspace)
        found = await rows.distinct().order_by("name").values_list("name", flat=True)
        return tuple(str(one) for one in found)

    async def change(
        self, actor: Principal, recipient: UUID, attributes: Mapping[str, Iterable[str]]
    ) -> None:
        """Replace what a recipient has. Raises ``NotFound``, and ``Invalid`` at ``attributes``."""
        require(actor, Action.MANAGE_RECIPIENTS)
        if await read_recipient(actor.workspace, recipient, self._clock.now()) is None:
            raise no_recipient()
        kept = _checked(attributes)
        async with self._catalog.transaction():
            # Two who save at once would both write what neither has found.
            await self._catalog.advisory_lock(f"attributes {recipient}")
            await RecipientAttributeRow.filter(workspace_id=actor.workspace, recipient=recipient).delete()
            await RecipientAttributeRow.bulk_create(
                [
                    RecipientAttributeRow(
                        workspace_id=actor.workspace, recipient=recipient, name=name, values=values
                    )
                    for name, values in kept.items()
                ]
            )


async def read_attribute(
    workspace: UUID, recipients: Collection[UUID], name: str
) -> dict[UUID, tuple[str, ...]]:
    """The values of one attribute, by recipient; without those who have none."""
    rows = RecipientAttributeRow.filter(workspace_id=workspace, name=name, recipient__in=list(recipients))
    return {row.recipient: row.values for row in await rows}


def read_attributes(text: str) -> dict[str, tuple[str, ...]]:
    """What stands in lines of a name, a colon and values separated by semicolons.

    Raises ``Invalid`` at ``attributes``.
    """
    found = dict[str, tuple[str, ...]]()
    for line in text.splitlines():
        name, colon, values = line.partition(":")
        if not line.strip():
            continue
        if not colon:
            raise Invalid(
                _("{line} is no attribute; write a name, a colon and its values.", line=line.strip()[:80]),
                ("attributes",),
            )
        given = tuple(one.strip() for one in values.split(";") if one.strip())
        found[name.strip()] = (*found.get(name.strip(), ()), *given)
    return found


def written_attributes(attributes: Mapping[str, Iterable[str]]) -> str:
    """The lines that :func:`read_attributes` reads."""
    return "\n".join(f"{name}: {'; '.join(values)}" for name, values in attributes.items())


def checked_attribute(name: str) -> str:
    """The name of an attribute as it is kept. Raises ``Invalid`` at ``attribute``."""
    try:
        found = clean_name(name)
    except Invalid as error:
        raise Invalid(error.message, ("attribute",)) from error
    if not found or len(found) > LONGEST_NAME or ":" in found:
        raise Invalid(
            _("The name of an attribute has from 1 to {most} characters and no colon.", most=LONGEST_NAME),
            ("attribute",),
        )
    return found


def _checked(attributes: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    kept = dict[str, tuple[str, ...]]()
    try:
        for name, values in attributes.items():
            found = texts(tuple(values))
            if len(found) > MOST_VALUES or any(len(one) > LONGEST_VALUE for one in found):
                raise Invalid(
                    _("An attribute has at most {most} values of at most {longest} characters.",
                      most=MOST_VALUES, longest=LONGEST_VALUE)
                )  # fmt: skip
            if found:
                kept[checked_attribute(name)] = found
    except Invalid as error:
        raise Invalid(error.message, ("attributes",)) from error
    if len(kept) > MOST_NAMES:
        raise Invalid(_("A recipient has at most {most} attributes.", most=MOST_NAMES), ("attributes",))
    return kept
