"""Asking other people's servers: which hosts and addresses may be asked, and how often it is tried again."""

from bilan.outbound.client import OutboundClient
from bilan.outbound.hosts import PrivateHosts
from bilan.outbound.mailbox import ImapMailbox, open_mailbox
from bilan.outbound.posting import Unanswered, post_once

__all__ = ["ImapMailbox", "OutboundClient", "PrivateHosts", "Unanswered", "open_mailbox", "post_once"]
