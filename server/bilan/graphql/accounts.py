"""People and tokens in GraphQL."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from bilan.accounts import values
from bilan.graphql.context import Info
from bilan.graphql.enums import Permission, Scope, SourceRole, WorkspaceRole
from bilan.graphql.ids import uuid
from bilan.graphql.presenting import as_type
from bilan.operator import add_person, token_holder


@strawberry.type(name="SourceGrant", description="A person's role on a source.")
class SourceGrantType:
    source: strawberry.ID = strawberry.field(description="The source's id.")
    role: SourceRole = strawberry.field(description="The role on it.")


@strawberry.type(name="Person", description="Somebody who belongs to the workspace.")
class PersonType:
    id: strawberry.ID = strawberry.field(description="The person's id.")
    email: str = strawberry.field(description="The address they sign in with.")
    name: str = strawberry.field(description="What to call them.")
    role: WorkspaceRole = strawberry.field(description="Their role in the workspace.")
    permissions: list[Permission] = strawberry.field(description="What they are granted by name.")
    source_roles: list[SourceGrantType] = strawberry.field(
        description="What they are on each source: the higher of the role on it and the one on every source."
    )
    every_source: SourceRole | None = strawberry.field(
        description="Their role on every source of the workspace, later ones too."
    )
    active: bool = strawberry.field(description="Whether they can sign in.")
    created_at: datetime = strawberry.field(description="When they were added, in UTC.")


@strawberry.type(name="Token", description="What a program signs in with, without the token itself.")
class TokenType:
    id: strawberry.ID = strawberry.field(description="The token's id.")
    name: str = strawberry.field(description="What it is for.")
    prefix: str = strawberry.field(description="Its beginning, to tell it from others.")
    scopes: list[Scope] = strawberry.field(description="What it may be used for.")
    created_at: datetime = strawberry.field(description="When it was made, in UTC.")
    expires_at: datetime | None = strawberry.field(description="When it ends by itself, in UTC.")
    last_used_at: datetime | None = strawberry.field(description="When it was last used, in UTC.")
    revoked_at: datetime | None = strawberry.field(description="When it was ended, in UTC.")


@strawberry.type(name="NewPerson", description="Somebody who is to choose a password.")
class NewPersonType:
    person: PersonType = strawberry.field(description="The person.")
    link: str = strawberry.field(
        description="Where they choose their password, once and within seven days; it is never shown again."
    )


@strawberry.type(name="NewToken", description="A token that was just made.")
class NewTokenType:
    token: str = strawberry.field(description="The token itself; it is never shown again.")
    info: TokenType = strawberry.field(description="What is known of it from now on.")


@strawberry.type(name="Me", description="On whose behalf this request comes.")
class MeType:
    person: strawberry.ID | None = strawberry.field(description="The person's id.")
    name: str = strawberry.field(description="What to call them.")
    email: str = strawberry.field(description="Their address.")
    role: WorkspaceRole | None = strawberry.field(description="Their role in the workspace.")
    permissions: list[Permission] = strawberry.field(description="What they are granted by name.")
    via: str = strawberry.field(description="session or token.")
    zone: str = strawberry.field(description="The zone their days are cut in, unless asked otherwise.")
    language: str = strawberry.field(description="The language they read.")


@strawberry.type
class AccountQueries:
    @strawberry.field(description="On whose behalf this request comes.")
    async def me(self, info: Info) -> MeType:
        actor = info.context.actor
        return as_type(MeType, actor)

    @strawberry.field(description="Everybody in the workspace, by name.")
    async def people(self, info: Info) -> list[PersonType]:
        members = await info.context.services.accounts.list(info.context.actor)
        return [person_type(member) for member in members]

    @strawberry.field(description="Your own tokens, the latest first.")
    async def tokens(self, info: Info) -> list[TokenType]:
        tokens = await info.context.services.tokens.list(info.context.actor)
        return [token_type(token) for token in tokens]


@strawberry.type
class AccountMutations:
    @strawberry.mutation(
        description="Add a person, who chooses a password by a link. The first one owns the workspace."
    )
    async def add_person(
        self,
        info: Info,
        email: Annotated[str, strawberry.argument(description="The address they sign in with.")],
        name: Annotated[
            str, strawberry.argument(description="What to call them; the address's beginning without.")
        ] = "",
        role: Annotated[
            WorkspaceRole, strawberry.argument(description="Their role in the workspace.")
        ] = values.WorkspaceRole.MEMBER,
    ) -> NewPersonType:
        context = info.context
        member = await add_person(context.services, email, name, role, actor=context.actor)
        link = await context.services.password_links.issue(context.actor, member.id)
        return NewPersonType(person=person_type(member), link=link)

    @strawberry.mutation(
        description=(
            "Make a new link by which a person who never chose a password does; the one before is over. "
            "The operator's commands alone have somebody choose another password."
        )
    )
    async def issue_password_link(
        self,
        info: Info,
        email: Annotated[str, strawberry.argument(description="The address they sign in with.")],
    ) -> NewPersonType:
        context = info.context
        member = await context.services.accounts.get(context.actor, email)
        link = await context.services.password_links.issue(context.actor, member.id)
        return NewPersonType(person=person_type(member), link=link)

    @strawberry.mutation(
        description=(
            "Give a person a role on every source of the workspace, later ones too, or take it. Of it and "
            "the role on a source the higher counts."
        )
    )
    async def set_every_source_role(
        self,
        info: Info,
        person: Annotated[strawberry.ID, strawberry.argument(description="The person's id.")],
        role: Annotated[
            SourceRole | None, strawberry.argument(description="The role, or null for none.")
        ] = None,
    ) -> PersonType:
        context = info.context
        ident = uuid(person, "person")
        await context.services.sources.grant_every(context.actor, ident, role)
        return person_type(await context.services.accounts.get(context.actor, ident))

    @strawberry.mutation(
        description=(
            "Send somebody who never chose a password a link to do so by e-mail, as the pages do; the one "
            "before is over."
        )
    )
    async def invite_person(
        self,
        info: Info,
        email: Annotated[str, strawberry.argument(description="The address they sign in with.")],
    ) -> PersonType:
        context = info.context
        member = await context.services.accounts.get(context.actor, email)
        await context.services.account_mails.invite(context.actor, member.id)
        return person_type(member)

    @strawberry.mutation(description="Make a token that acts as a person; for the operator's commands alone.")
    async def create_token(
        self,
        info: Info,
        email: Annotated[str, strawberry.argument(description="The address of the person it acts as.")],
        name: Annotated[str, strawberry.argument(description="What it is for.")],
        scopes: Annotated[list[Scope], strawberry.argument(description="What it may be used for.")],
        days: Annotated[int, strawberry.argument(description="How many days it lasts.")],
    ) -> NewTokenType:
        context = info.context
        holder = await token_holder(context.services, context.actor, email)
        made = await context.services.tokens.create(holder, name, scopes, days=days)
        return NewTokenType(token=made.token, info=token_type(made.info))

    @strawberry.mutation(description="Give a person another role in the workspace.")
    async def set_role(
        self,
        info: Info,
        person: Annotated[strawberry.ID, strawberry.argument(description="The person's id.")],
        role: Annotated[WorkspaceRole, strawberry.argument(description="The new role.")],
    ) -> PersonType:
        context = info.context
        return person_type(
            await context.services.accounts.set_role(context.actor, uuid(person, "person"), role)
        )

    @strawberry.mutation(description="Replace what a person is granted by name.")
    async def set_permissions(
        self,
        info: Info,
        person: Annotated[strawberry.ID, strawberry.argument(description="The person's id.")],
        permissions: Annotated[list[Permission], strawberry.argument(description="All of them.")],
    ) -> PersonType:
        context = info.context
        member = await context.services.accounts.set_permissions(
            context.actor, uuid(person, "person"), permissions
        )
        return person_type(member)

    @strawberry.mutation(description="Give a person a role on a source, or none.")
    async def set_source_role(
        self,
        info: Info,
        person: Annotated[strawberry.ID, strawberry.argument(description="The person's id.")],
        source: Annotated[strawberry.ID, strawberry.argument(description="The source, by id or name.")],
        role: Annotated[SourceRole | None, strawberry.argument(description="The role; none ends it.")] = None,
    ) -> PersonType:
        context = info.context
        granted = await context.services.sources.get(context.actor, source)
        await context.services.sources.grant(context.actor, granted.id, uuid(person, "person"), role)
        return person_type(await context.services.accounts.get(context.actor, uuid(person, "person")))

    @strawberry.mutation(description="Close a person's account; their sessions and tokens end at once.")
    async def deactivate_person(
        self,
        info: Info,
        person: Annotated[strawberry.ID, strawberry.argument(description="The person's id.")],
    ) -> PersonType:
        context = info.context
        return person_type(await context.services.accounts.deactivate(context.actor, uuid(person, "person")))


def person_type(member: values.Member) -> PersonType:
    """A member as the schema's type."""
    grants = [
        SourceGrantType(source=strawberry.ID(str(source)), role=role)
        for source, role in sorted(member.source_roles.items())
    ]
    return as_type(PersonType, member, source_roles=grants)


def token_type(token: values.TokenInfo) -> TokenType:
    """A token as the schema's type."""
    return as_type(TokenType, token, scopes=sorted(token.scopes))
