"""What a plugin says of itself, and the ways it may extend."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bilan.sdk.activity_categories import ActivityCategory
from bilan.sdk.channels import Channel
from bilan.sdk.datasets import Dataset
from bilan.sdk.filters import Filter
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Metric
from bilan.sdk.rendering import BlockRenderer, Renderer
from bilan.sdk.reports import ReportKind
from bilan.sdk.routes import Interface, PluginRoute
from bilan.sdk.sources import Sample, SourceKind


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a query field: a plain type (``str``, ``int``, ``bool``, a list of one) and a sentence.

    Arguments are optional; the resolver gets ``None`` where one is not given.
    """

    type: Any
    description: str


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    """A part of a list, and how long the whole list is."""

    items: Sequence[Any]
    total: int


@dataclass(frozen=True, slots=True)
class QueryField:
    """A typed GraphQL field under the plugin's name.

    ``type`` is a plain type or a dataclass whose fields carry a sentence in
    ``metadata["description"]``; the core makes GraphQL types of them, named
    with the plugin's namespace in front. ``resolve(client, **arguments)`` is
    called in a worker thread with the caller's scoped
    :class:`~bilan.sdk.query.QueryClient`. With ``connection`` it also gets ``limit``
    and ``offset``, returns a :class:`ConnectionPage`, and the field becomes a Relay
    connection. ``personal`` guards a field that holds rows about single
    persons.
    """

    name: str
    description: str
    type: Any
    resolve: Callable[..., Any]
    arguments: Mapping[str, Argument] = field(default_factory=dict[str, Argument])
    connection: bool = False
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Plugin:
    """Who a plugin is.

    ``name`` is how people call it on the command line (``email_campaigns``);
    ``namespace`` prefixes its keys (``email``). ``package`` is the import
    package whose ``locale`` folder holds its translations, in the gettext
    domain named like the namespace. ``contract`` is the version of the SDK's
    contract it was written for.

    What a plugin declares may stand here at once; the hooks are for those who
    compute it. An entry point names either a ``Plugin`` or a module of hooks.
    """

    name: str
    namespace: str
    label: Message
    package: str
    contract: int = 1
    datasets: tuple[Dataset, ...] = ()
    metrics: tuple[Metric, ...] = ()
    filters: tuple[Filter, ...] = ()
    sources: tuple[SourceKind, ...] = ()
    samples: tuple[Sample, ...] = ()
    reports: tuple[ReportKind, ...] = ()
    renderers: tuple[Renderer | BlockRenderer, ...] = ()
    channels: tuple[Channel, ...] = ()
    query_fields: tuple[QueryField, ...] = ()
    routes: tuple[PluginRoute, ...] = ()
    activities: tuple[ActivityCategory, ...] = ()
    """What its facts tell of contacts, by name: reports about a contact choose among these."""
    interface: Interface | None = None
