"""Delivery: the ledger of what is sent to whom, e-mail, the outbox, and links that expire."""

from bilan.delivery.beginning import Sendings
from bilan.delivery.deciding import Deciding
from bilan.delivery.fresh import LinkedFiles
from bilan.delivery.links import Links
from bilan.delivery.outbox import KeptMail, Outbox
from bilan.delivery.service import Deliveries
from bilan.delivery.steps import DeliverStep, EncloseStep
from bilan.delivery.values import Delivered, Delivery, Mode, NewSending, Sent

__all__ = [
    "Deciding", "DeliverStep", "Delivered", "Deliveries", "Delivery", "EncloseStep", "KeptMail",
    "LinkedFiles", "Links", "Mode", "NewSending", "Outbox", "Sendings", "Sent",
]  # fmt: skip
