"""The one place where the schema is put together."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import strawberry
from graphql import GraphQLError
from strawberry.types.field import StrawberryField

from bilan.graphql.accounts import AccountMutations, AccountQueries
from bilan.graphql.catalogue.fields import catalogue_fields, dataset_fields
from bilan.graphql.completed import Executor
from bilan.graphql.contacts import ContactMutations, ContactQueries
from bilan.graphql.deliveries import DeliveryMutations, DeliveryQueries
from bilan.graphql.errors import ErrorsExtension
from bilan.graphql.imports import ImportMutations, ImportQueries
from bilan.graphql.keepable import KeepableExtension
from bilan.graphql.limits import extensions
from bilan.graphql.merges import MergeMutations, MergeQueries
from bilan.graphql.pulls import PullMutations, PullQueries
from bilan.graphql.recipients import RecipientMutations, RecipientQueries
from bilan.graphql.refresh_actor import RefreshActorExtension
from bilan.graphql.reports.progress import Subscription
from bilan.graphql.reports.runs import RunMutations, RunQueries
from bilan.graphql.reports.saved import ReportMutations, ReportQueries
from bilan.graphql.reports.typed import typed_mutations
from bilan.graphql.scalars import config
from bilan.graphql.schedules import ScheduleMutations, ScheduleQueries
from bilan.graphql.shares import ShareMutations, ShareQueries
from bilan.graphql.sources import SourceMutations, SourceQueries
from bilan.graphql.webhooks import WebhookMutations, WebhookQueries
from bilan.graphql.workspace import WorkspaceMutations, WorkspaceQueries

if TYPE_CHECKING:
    from bilan.registry.declared import Registry


class Schema(strawberry.Schema):
    """A schema that leaves the log to :class:`ErrorsExtension`, which knows what was to be expected."""

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Write nothing."""


@lru_cache(maxsize=4)
def build_schema(registry: Registry) -> strawberry.Schema:
    """The schema of a server with these plugins; the applications of a process share it."""
    query = _root(
        "Query",
        "What can be asked.",
        (
            WorkspaceQueries,
            AccountQueries,
            DeliveryQueries,
            RecipientQueries,
            ContactQueries,
            MergeQueries,
            WebhookQueries,
            ImportQueries,
            PullQueries,
            SourceQueries,
            ReportQueries,
            RunQueries,
            ScheduleQueries,
            ShareQueries,
        ),
        catalogue_fields(registry),
    )
    mutation = _root(
        "Mutation",
        "What can be changed.",
        (
            WorkspaceMutations,
            AccountMutations,
            DeliveryMutations,
            RecipientMutations,
            ContactMutations,
            MergeMutations,
            WebhookMutations,
            ImportMutations,
            PullMutations,
            SourceMutations,
            ReportMutations,
            RunMutations,
            ScheduleMutations,
            ShareMutations,
        ),
        typed_mutations(registry),
    )
    datasets = dataset_fields(registry)
    return Schema(
        query=query,
        mutation=mutation,
        subscription=Subscription,
        config=config(),
        execution_context_class=Executor,
        extensions=[
            *extensions(),
            lambda: KeepableExtension(datasets),
            ErrorsExtension,
            RefreshActorExtension,
        ],
    )


def _root(
    name: str, description: str, bases: tuple[type, ...], fields: dict[str, StrawberryField]
) -> type[Any]:
    namespace: dict[str, Any] = {"__module__": __name__, "__annotations__": {}, **fields}
    made = type(name, bases, namespace)
    return strawberry.type(made, name=name, description=description)
