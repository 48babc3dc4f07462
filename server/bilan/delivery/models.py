"""The ledger's tables: a row for each sending, its recipients and its letters, and the mails kept."""

from __future__ import annotations

from uuid import UUID, uuid4

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from bilan.catalog.fields import StructField
from bilan.delivery.values import AttachmentFormat, FileContent, PlainMail, ProtectedLink
from bilan.i18n import DisplayFormats
from bilan.sdk.messages import Message


class SendingRow(Model):
    """One occasion on which a report is sent, or a plain e-mail."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    workspace = fields.UUIDField()
    idempotency_key = fields.CharField(max_length=100)
    """That of its job, which may be deleted: nothing is sent twice all the same."""
    request_hash = fields.CharField(max_length=64)
    run = fields.UUIDField(null=True, db_index=True)
    """The run whose document is sent; empty for a plain e-mail. A plain id: the ledger outlives runs."""
    job = fields.UUIDField(unique=True)
    """The job whose steps send it; the run's own where the report is sent as soon as it is built."""
    mode = fields.CharField(max_length=16)
    formats = StructField(tuple[AttachmentFormat, ...])
    days = fields.SmallIntField()
    message = fields.TextField()
    display = StructField(DisplayFormats, null=True)
    """How days and times of day are written, where that is not as the language does."""
    content = fields.CharField(max_length=16, default=FileContent.USUAL.value, db_default="usual")
    """What its files hold."""
    protected = StructField(ProtectedLink, null=True)
    """How it is shared, where it is sent by protected link."""
    mail = StructField(PlainMail, null=True)
    """What a plain e-mail says."""
    test = fields.BooleanField(default=False, db_default=False)
    schedule = fields.UUIDField(null=True)
    """The schedule that sends it; a plain id, as that of its occurrence."""
    occurrence = fields.UUIDField(null=True, db_index=True)
    """The occurrence of a schedule for which it is sent; a plain id too."""
    awaits_approval = fields.BooleanField(default=False, db_default=False)
    """Nothing of it leaves until somebody has said yes."""
    resend_of = fields.UUIDField(null=True)
    """The sending whose very files are sent once more."""
    sent_by = fields.UUIDField(null=True)
    sent_by_name = fields.CharField(max_length=200)
    created_at = fields.DatetimeField()

    @property
    def report_run(self) -> UUID:
        """The run whose report is sent, of what is no plain e-mail."""
        assert self.run is not None  # noqa: S101 - every other sending has one
        return self.run

    class Meta(Model.Meta):
        table = "sending"
        unique_together = (("workspace", "idempotency_key"),)


class DeliveryRow(Model):
    """What one recipient gets of a sending by one channel."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    sending: fields.ForeignKeyRelation[SendingRow] = fields.ForeignKeyField(
        "bilan.SendingRow", related_name="deliveries"
    )
    sending_id: UUID
    channel = fields.CharField(max_length=32)
    recipient = fields.UUIDField()
    """The person or external recipient; the address is the one they had when it was planned."""
    address = fields.CharField(max_length=320)
    """Empty once its recipient was erased, as is the name."""
    name = fields.CharField(max_length=200)
    external = fields.BooleanField(default=False, db_default=False)
    language = fields.CharField(max_length=16)
    zone = fields.CharField(max_length=64, null=True)
    """The one that instants are shown in; empty for the report's own."""
    formats = StructField(tuple[str, ...], null=True)
    """The files that this recipient gets, where they are not those of the sending."""
    confirms = fields.BooleanField(default=False, db_default=False)
    """Whether it asks them to confirm their address, so that it may go to one that is not confirmed yet."""
    links_until = fields.DatetimeField(null=True)
    """When its links end, where it was released later than the others."""
    letter = fields.CharField(max_length=64, default="", db_default="")
    """Which letter of the sending it is; empty where the language alone says that."""
    state = fields.CharField(max_length=16)
    step = fields.UUIDField(null=True)
    """The step that sends it; none while it is withheld."""
    attempt = fields.SmallIntField(default=0)
    attached = fields.BooleanField(default=False)
    answer = fields.TextField(null=True)
    """The last words of the other side."""
    reason = StructField(Message, null=True)
    reissue_of = fields.UUIDField(null=True, db_index=True)
    """The delivery whose expired links this one replaces."""
    claimed_at = fields.DatetimeField(null=True)
    settled_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "delivery"
        unique_together = (("sending", "recipient", "channel"),)
        indexes = (Index(fields=("state", "claimed_at")),)


class LedgerEntryRow(Model):
    """An end that a delivery came to, in the chain of its workspace. Rows are appended, never changed."""

    id = fields.BigIntField(primary_key=True)
    workspace = fields.UUIDField()
    sequence = fields.BigIntField()
    """From 1 on, without a gap."""
    delivery = fields.UUIDField(db_index=True)
    content = fields.TextField()
    """What the hash covers, as canonical JSON."""
    salt = fields.CharField(max_length=32, null=True)
    """What the hash of words about the recipient was made with; it goes when they are erased."""
    hash = fields.CharField(max_length=64)

    class Meta(Model.Meta):
        table = "ledger_entry"
        unique_together = (("workspace", "sequence"),)
        indexes = (Index(fields=("hash",)),)


class LetterRow(Model):
    """A message of a sending but for its recipient: one for all who read the same. A file holds its bytes."""

    id = fields.BigIntField(primary_key=True)
    sending: fields.ForeignKeyRelation[SendingRow] = fields.ForeignKeyField(
        "bilan.SendingRow", related_name="letters"
    )
    channel = fields.CharField(max_length=32)
    language = fields.CharField(max_length=16)
    letter = fields.CharField(max_length=64, default="", db_default="")
    """As in its deliveries: stands for zone, files and whatever else letters in one language differ in."""
    sha256 = fields.CharField(max_length=64)
    artifacts: fields.Field[list[str]] = fields.JSONField()
    """The files behind its links, by their ids, in order."""

    class Meta(Model.Meta):
        table = "letter"
        unique_together = (("sending", "channel", "language", "letter"),)


class KeptMailRow(Model):
    """A message in the server's own outbox, where no mail server is set. Its bytes are in the file store."""

    id = fields.UUIDField(primary_key=True)
    """That of the delivery, so that a repetition is kept once."""
    workspace = fields.UUIDField()
    address = fields.CharField(max_length=320)
    subject = fields.TextField()
    sha256 = fields.CharField(max_length=64)
    size = fields.BigIntField()
    kept_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "kept_mail"
        indexes = (Index(fields=("workspace", "kept_at")),)
