"""Who may receive a report, by its kind: decided when recipients are chosen, and again before it leaves."""

from __future__ import annotations

from bilan.accounts.values import Permission
from bilan.recipients.domains import in_domains
from bilan.recipients.values import Audience, RecipientInfo, RecipientRules, RecipientState
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _


def audience_of(rules: RecipientRules, kind: str, *, personal: bool) -> Audience:
    """Who may receive reports of a kind; ``personal`` says that they show rows about single persons.

    Those go to people of the workspace unless it chose otherwise for this kind, others to anyone.
    """
    return rules.audiences.get(kind, Audience.PEOPLE if personal else Audience.ANYONE)


def refused_audience(
    recipient: RecipientInfo, rules: RecipientRules, kind: str, *, personal: bool
) -> Message | None:
    """Why the recipient may not receive reports of this kind, whoever sends them."""
    if not recipient.external:
        return refused_sight(recipient.name) if personal and not recipient.sees_persons else None
    if audience_of(rules, kind, personal=personal) is Audience.PEOPLE:
        return _("Reports of this kind go to people of the workspace alone, not to {address}.",
                 address=recipient.address)  # fmt: skip
    if not in_domains(rules, recipient.address):
        return _(
            "Reports of this workspace go to addresses of these domains alone: {domains}.",
            domains=", ".join(rules.domains),
        )
    return None


def refused_state(recipient: RecipientInfo, *, scheduled: bool = False) -> Message | None:
    """Why nothing goes to the recipient now, where it is about themselves.

    People who unsubscribed get no more of what is ``scheduled``; what a colleague sends them by hand arrives.
    """
    match recipient.state:
        case RecipientState.CLOSED:
            return _("{address} no longer belongs to a person of this workspace.", address=recipient.address)
        case RecipientState.SUPPRESSED:
            return _("The server of {address} takes nothing for this address: {answer}",
                     address=recipient.address, answer=recipient.answer or "")  # fmt: skip
        case RecipientState.UNSUBSCRIBED if recipient.external or scheduled:
            return unsubscribed(recipient.address)
        case RecipientState.LAPSED:
            return _("{address} was asked to confirm this address and did not; ask once more.",
                     address=recipient.address)  # fmt: skip
        case _:
            return None


def unsubscribed(address: str) -> Message:
    """What is said of whoever wants no more of anything."""
    return _("{address} wants no more e-mails.", address=address)


def refused_sight(name: str) -> Message:
    """What is said where somebody may not see rows about single persons."""
    return _(
        "This report shows rows about single persons, and {name} lacks the permission {permission}.",
        name=name,
        permission=str(Permission.EXPORT_CONTACT_DATA),
    )
