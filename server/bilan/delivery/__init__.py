"""Delivery: the ledger of what is sent to whom, e-mail, the outbox, and links that expire."""

from bilan.delivery.account_mails import AccountMails
from bilan.delivery.confirmations import Confirmations
from bilan.delivery.create_sending import Sendings
from bilan.delivery.deliver_step import DeliverStep
from bilan.delivery.download_links import DownloadLinks
from bilan.delivery.letters import Letters
from bilan.delivery.links import LinkSigner
from bilan.delivery.outbox import KeptMail, Outbox
from bilan.delivery.own_links import OwnLinks
from bilan.delivery.plain_letters import PlainLetters
from bilan.delivery.plain_mails import PlainMails
from bilan.delivery.public_check import PublicCheck
from bilan.delivery.resolve_unknown import ResolveUnknown
from bilan.delivery.service import Deliveries
from bilan.delivery.steps import ComposeStep, RenderAttachmentStep
from bilan.delivery.values import Delivery, DeliveryState, Mode, NewSending, Sent

__all__ = [
    "AccountMails",
    "ComposeStep", "Confirmations", "DeliverStep", "Deliveries", "Delivery", "DeliveryState", "DownloadLinks",
    "KeptMail", "Letters", "LinkSigner", "Mode", "NewSending", "Outbox", "OwnLinks", "PlainLetters",
    "PlainMails", "PublicCheck", "RenderAttachmentStep", "ResolveUnknown", "Sendings", "Sent",
]  # fmt: skip
