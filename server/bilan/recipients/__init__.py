"""Recipients: who may get reports, what each of them gets, and who wants or takes nothing more."""

from bilan.recipients.address_book import AddressBook
from bilan.recipients.attributes import RecipientAttributes
from bilan.recipients.book_import import BookImport, ImportedRecipients
from bilan.recipients.rules import Rules
from bilan.recipients.suppressions import Suppressions
from bilan.recipients.targets import Targets
from bilan.recipients.unsubscriptions import Unsubscriptions
from bilan.recipients.values import (
    Audience,
    FirstEmail,
    RecipientDraft,
    RecipientInfo,
    RecipientKind,
    RecipientRules,
    RecipientState,
    Suppression,
    TargetDraft,
)

__all__ = [
    "AddressBook", "Audience", "BookImport", "FirstEmail", "ImportedRecipients", "RecipientAttributes",
    "RecipientDraft", "RecipientInfo", "RecipientKind", "RecipientRules", "RecipientState", "Rules",
    "Suppression", "Suppressions", "TargetDraft", "Targets", "Unsubscriptions",
]  # fmt: skip
