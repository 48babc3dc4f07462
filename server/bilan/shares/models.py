"""The tables of shares: a row for each, each viewer's grant, each visit, and what happened to it."""

from __future__ import annotations

from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from bilan.accounts.models import Workspace
from bilan.catalog.fields import StructField


class ShareRow(Model):
    """A report that is shared. Run and report are plain ids: a share outlives both."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    workspace: fields.ForeignKeyRelation[Workspace] = fields.ForeignKeyField(
        "bilan.Workspace", related_name="shares"
    )
    workspace_id: UUID
    idempotency_key = fields.CharField(max_length=100)
    """That of whoever asked, and the hash of what was asked: it may come again, with nothing else."""
    request_hash = fields.CharField(max_length=64)
    run = fields.UUIDField(null=True, db_index=True)
    """The run whose frozen document is shown; empty where it is always the latest of the report."""
    report = fields.UUIDField(null=True, db_index=True)
    """The saved report whose latest run is shown."""
    kind = fields.CharField(max_length=100)
    title = fields.CharField(max_length=400)
    sources = StructField(tuple[UUID, ...])
    """Those of the run it was shared from: who may read them all may see and change the share."""
    personal = fields.BooleanField()
    password_hash = fields.CharField(max_length=200)
    generation = fields.IntField(default=1)
    """Counts passwords, so that a new one ends every visit."""
    sealed = fields.TextField(default="")
    """The password, encrypted, until no e-mail with it is pending any more."""
    message = fields.TextField(default="")
    language = fields.CharField(max_length=16, null=True)
    downloads = fields.BooleanField()
    most_views = fields.IntField(null=True)
    """How often each viewer may open it."""
    origins = StructField(tuple[str, ...])
    """The sites that may frame it."""
    expires_at = fields.DatetimeField()
    stopped_at = fields.DatetimeField(null=True)
    created_by = fields.UUIDField(null=True)
    created_by_name = fields.CharField(max_length=200)
    created_at = fields.DatetimeField()
    grants: fields.ReverseRelation[ShareGrantRow]

    @property
    def delivered(self) -> bool:
        """Whether it was made for those whom the run was sent to by protected link."""
        return self.run is not None and self.idempotency_key.startswith(delivered_key(self.run))

    class Meta(Model.Meta):
        table = "share"
        unique_together = (("workspace", "idempotency_key"),)


def delivered_key(run: UUID, copy: UUID | None = None) -> str:
    """The key of the share for those to whom a run is sent by protected link, or of a ``copy`` to oneself."""
    return f"delivered:{run.hex}" + (f":{copy.hex}" if copy else "")


class ShareGrantRow(Model):
    """What one viewer holds. A person or external recipient by a plain id, as in the ledger."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    share: fields.ForeignKeyRelation[ShareRow] = fields.ForeignKeyField(
        "bilan.ShareRow", related_name="grants"
    )
    share_id: UUID
    recipient = fields.UUIDField(db_index=True)
    address = fields.CharField(max_length=320)
    """Empty once its viewer was erased, as is the name."""
    name = fields.CharField(max_length=200)
    password_hash = fields.CharField(max_length=200, default="", db_default="")
    """That of a password of their own, in place of the share's."""
    sealed = fields.TextField(default="", db_default="")
    """Their own password, encrypted, as long as that of a share."""
    nonce = fields.CharField(max_length=32)
    """What the viewer's link is signed with; a new one ends the link before."""
    mails = StructField(tuple[UUID, ...])
    """The deliveries that tell this viewer of link and password."""
    views = fields.IntField(default=0)
    last_opened_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "share_grant"
        unique_together = (("share", "recipient"),)


class ShareVisitRow(Model):
    """A visit: what a browser is let in by, once its viewer has given the password."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    grant: fields.ForeignKeyRelation[ShareGrantRow] = fields.ForeignKeyField(
        "bilan.ShareGrantRow", related_name="visits"
    )
    grant_id: UUID
    key_hash = fields.CharField(max_length=64, unique=True)
    nonce = fields.CharField(max_length=32)
    """Those of grant and share when it began: a visit ends with either."""
    generation = fields.IntField()
    ends_at = fields.DatetimeField(db_index=True)

    class Meta(Model.Meta):
        table = "share_visit"


class ShareEventRow(Model):
    """Something that happened to a share: who did it, when, and what."""

    id = fields.BigIntField(primary_key=True)
    share: fields.ForeignKeyRelation[ShareRow] = fields.ForeignKeyField(
        "bilan.ShareRow", related_name="events"
    )
    share_id: UUID
    kind = fields.CharField(max_length=20)
    grant = fields.UUIDField(null=True)
    """The viewer whom it is about or who did it."""
    by_name = fields.CharField(max_length=200, default="")
    """Who did it, where that is no viewer."""
    detail = fields.TextField(default="")
    asked = fields.CharField(max_length=64, null=True)
    """The hash of the request that did it, where that had a key: it may come again."""
    at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "share_event"
