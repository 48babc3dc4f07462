"""Shares: a report for viewers who have no account, by a link of their own and a password."""

from bilan.shares.delivered import DeliveredShares
from bilan.shares.event_kinds import ShareEventKind
from bilan.shares.links import ShareLinks
from bilan.shares.mails import ShareMails
from bilan.shares.opening import SharedReports
from bilan.shares.service import Shares
from bilan.shares.values import (
    NewShare,
    Share,
    ShareDraft,
    ShareEvent,
    ShareOptions,
    SharePage,
    Viewer,
    Viewing,
)

__all__ = [
    "DeliveredShares", "NewShare", "Share", "ShareDraft", "ShareEvent", "ShareEventKind", "ShareLinks",
    "ShareMails", "ShareOptions", "SharePage", "SharedReports", "Shares", "Viewer", "Viewing",
]  # fmt: skip
