"""The tables of people: who they are, what they may do, and how they prove it.

A person belongs to one workspace. Which sources they may see is a second,
independent axis. Secrets are kept as hashes only.
"""

from __future__ import annotations

from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from bilan.accounts.addresses import LONGEST
from bilan.accounts.values import Permission, Scope
from bilan.catalog.fields import StructField


class Workspace(Model):
    """A circle of people who share sources and reports."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    name = fields.CharField(max_length=200)
    zone = fields.CharField(max_length=64)
    first_weekday = fields.SmallIntField()
    language = fields.CharField(max_length=16)
    colour = fields.CharField(max_length=7, null=True)
    logo = fields.CharField(max_length=64, null=True)
    """The SHA-256 under which the picture is kept in the file store."""
    logo_type = fields.CharField(max_length=32, null=True)
    retention_days = fields.SmallIntField(default=90)
    """How long figures of reports are kept."""
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "workspace"


class Person(Model):
    """Somebody who can sign in. The address is kept in lower case, so it is unique in any case."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    email = fields.CharField(max_length=LONGEST, unique=True)
    name = fields.CharField(max_length=200)
    password_hash = fields.CharField(max_length=200)
    language = fields.CharField(max_length=16, null=True)
    zone = fields.CharField(max_length=64, null=True)
    active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "person"


class Membership(Model):
    """A person's place in their workspace."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    workspace: fields.ForeignKeyRelation[Workspace] = fields.ForeignKeyField(
        "bilan.Workspace", related_name="memberships"
    )
    person: fields.OneToOneRelation[Person] = fields.OneToOneField("bilan.Person", related_name="membership")
    workspace_id: UUID
    role = fields.CharField(max_length=16)
    permissions = StructField(frozenset[Permission], default=frozenset)
    every_source = fields.CharField(max_length=16, null=True)
    """Their role on every source of the workspace, later ones too."""

    class Meta(Model.Meta):
        table = "membership"


class SourceGrant(Model):
    """A person's role on one source. The source itself belongs to a higher layer."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "bilan.Person", related_name="source_grants"
    )
    source = fields.UUIDField(db_index=True)
    role = fields.CharField(max_length=16)
    """The higher of the one given on this source and the one on every source."""
    own = fields.CharField(max_length=16, null=True)
    """The one given on this source alone."""

    class Meta(Model.Meta):
        table = "source_grant"
        unique_together = (("person", "source"),)


class Session(Model):
    """A sign-in that lasts. The token itself is only in the person's cookie."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "bilan.Person", related_name="sessions"
    )
    person_id: UUID
    token_hash = fields.CharField(max_length=64, unique=True)
    user_agent = fields.CharField(max_length=400)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    last_seen_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "session"


class ApiToken(Model):
    """A key for programs. It acts as its person, never with more rights."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("bilan.Person", related_name="tokens")
    person_id: UUID
    name = fields.CharField(max_length=100)
    prefix = fields.CharField(max_length=16)
    token_hash = fields.CharField(max_length=64, unique=True)
    scopes = StructField(frozenset[Scope])
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    last_used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "api_token"


class AttemptRow(Model):
    """How often something was tried lately, such as signing in with one address from one place."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    key = fields.CharField(max_length=64, unique=True)
    number = fields.IntField()
    since = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "attempt"
