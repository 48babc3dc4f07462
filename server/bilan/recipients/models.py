"""The tables of recipients: the address book, who wants no more of what, addresses put aside, and rules."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from bilan.accounts.addresses import LONGEST
from bilan.accounts.models import Workspace
from bilan.catalog.fields import StructField
from bilan.recipients.values import EMAIL, Audience


class RecipientRow(Model):
    """An external recipient or a target. People of the workspace are recipients by their accounts."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    workspace: fields.ForeignKeyRelation[Workspace] = fields.ForeignKeyField(
        "bilan.Workspace", related_name="recipients"
    )
    workspace_id: UUID
    channel = fields.CharField(max_length=32, default=EMAIL, db_default=EMAIL)
    """What reaches them."""
    settings = StructField(dict[str, Any], default=dict, db_default="{}")
    """What a target's channel asked for, without its secrets."""
    sealed: fields.Field[dict[str, str]] = fields.JSONField(default=dict, db_default="{}")
    """The secrets, encrypted."""
    address = fields.CharField(max_length=LONGEST)
    """In lower case; that of a target names it without its secrets."""
    first_name = fields.CharField(max_length=100, default="")
    last_name = fields.CharField(max_length=100, default="")
    words = fields.TextField(default="", db_default="")
    """Names and address without capitals and accents, by which they are found and ordered."""
    language = fields.CharField(max_length=16, null=True)
    zone = fields.CharField(max_length=64, null=True)
    formats = StructField(tuple[str, ...], null=True)
    """The files that they get; empty where they get those of whatever is sent."""
    asked = fields.SmallIntField(default=0)
    """How often they were asked lately to confirm this address."""
    asked_at = fields.DatetimeField(null=True)
    asked_until = fields.DatetimeField(null=True)
    """Until when they may answer."""
    confirmed_at = fields.DatetimeField(null=True)
    added_by_name = fields.CharField(max_length=200)
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "recipient"
        unique_together = (("workspace", "address"),)


class RecipientAttributeRow(Model):
    """What is known of a recipient by a name, such as whose profiles they look after."""

    id = fields.BigIntField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Workspace] = fields.ForeignKeyField(
        "bilan.Workspace", related_name="recipient_attributes"
    )
    workspace_id: UUID
    recipient = fields.UUIDField()
    """A plain id: people of the workspace have attributes too."""
    name = fields.CharField(max_length=60)
    values = StructField(tuple[str, ...])

    class Meta(Model.Meta):
        table = "recipient_attribute"
        unique_together = (("workspace", "recipient", "name"),)


class UnsubscriptionRow(Model):
    """That a recipient wants no more of something. Recipient and schedule are plain ids, of other layers."""

    id = fields.BigIntField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Workspace] = fields.ForeignKeyField(
        "bilan.Workspace", related_name="unsubscriptions"
    )
    workspace_id: UUID
    recipient = fields.UUIDField()
    scope = fields.UUIDField()
    """The schedule that they ended; the workspace itself for everything."""
    at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "unsubscription"
        unique_together = (("workspace", "recipient", "scope"),)


class SuppressionRow(Model):
    """An address to which a workspace sends nothing, whoever has it."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    workspace: fields.ForeignKeyRelation[Workspace] = fields.ForeignKeyField(
        "bilan.Workspace", related_name="suppressions"
    )
    workspace_id: UUID
    address_hash = fields.CharField(max_length=64)
    address = fields.CharField(max_length=LONGEST, null=True)
    answer = fields.TextField()
    """The last words of the mail server; empty where the recipient wanted it."""
    since = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "suppression"
        unique_together = (("workspace", "address_hash"),)


class RecipientRulesRow(Model):
    """Whom reports of a workspace may go to, where somebody chose otherwise than is usual."""

    workspace: fields.OneToOneRelation[Workspace] = fields.OneToOneField(
        "bilan.Workspace", related_name="recipient_rules", primary_key=True
    )
    workspace_id: UUID
    domains = StructField(tuple[str, ...], default=tuple)
    audiences = StructField(dict[str, Audience], default=dict)
    first_email = fields.CharField(max_length=16)

    class Meta(Model.Meta):
        table = "recipient_rules"
