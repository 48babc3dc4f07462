"""A workspace with two tills, people around them, and reports about what was sold."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio

from bilan.accounts.models import Membership, Person, SourceGrant, Workspace
from bilan.accounts.principals import principal_for
from bilan.accounts.values import Principal
from bilan.branding import Branding
from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.files import Files
from bilan.i18n import Translator
from bilan.manifest import Manifest, Moments
from bilan.query.query import Query
from bilan.registry.declared import Registry
from bilan.registry.gather import load
from bilan.rendering.plugin import RENDERING
from bilan.runs.artifacts import ArtifactRenderer
from bilan.runs.handlers import BuildStep, RenderStep
from bilan.runs.reading import RENDER, read_run
from bilan.runs.retention import Retention
from bilan.runs.service import Runs
from bilan.runs.values import Artifact, RenderSpec, Run
from bilan.sdk.conditions import In
from bilan.sdk.document import Kpi, Kpis, Table, TableColumn
from bilan.sdk.messages import messages
from bilan.sdk.parameters import Choice, Parameter, ParameterKind, Values
from bilan.sdk.query import QueryClient, Question
from bilan.sdk.reports import Building, Report, ReportKind, ReportRequest
from bilan.sdk.units import Unit
from bilan.sources.models import SourceRow
from bilan.sources.sources import Sources
from bilan.warehouse import Warehouse
from bilan.work import BatchHandler, Engine, Jobs, State, StepHandler
from bilan.work.models import StepRow
from fixtures.declarations import ORDERED, ORDERS, SALES, plugin
from support.runs import QUICK, Called

_ = messages("bilan")[0]

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
LEFT, RIGHT = UUID(int=1), UUID(int=2)
"""The two tills, each a source."""


def sales(request: ReportRequest, client: Building) -> Report:
    """How many orders there were, and which."""
    answer = client(Question(ORDERS.key, (ORDERED.key,), request.span()))
    rows = client.rows(ORDERS.key, ("order", "occurred_at"), span=request.span())
    table = Table(
        key="orders",
        title=_("Orders"),
        file="orders",
        columns=(
            TableColumn(key="order", label=_("Order")),
            TableColumn(key="at", label=_("When"), unit=Unit.INSTANT),
        ),
    )
    tile = Kpi(key="ordered", label=_("Orders"), value=answer.totals[ORDERED.key], metric=ORDERED.key)
    lines = ([row["order"], row["occurred_at"].isoformat()] for row in rows)
    return Report(_("Sales"), (Kpis("totals", (tile,)), client.keep(table, lines)))


def known_countries(client: QueryClient, _values: Values) -> tuple[Choice, ...]:
    """Where orders went."""
    return tuple(Choice(one, one) for one in client.values(ORDERS.key, "country"))


def sales_by_country(request: ReportRequest, client: Building) -> Report:
    """How many orders went to some countries, and where each of these went."""
    chosen = request["countries"]
    where = In("country", chosen) if chosen else None
    answer = client(Question(ORDERS.key, (ORDERED.key,), request.span(), by=("country",), where=where))
    table = Table(
        key="countries",
        title=_("Countries"),
        file="countries",
        columns=(
            TableColumn(key="country", label=_("Country")),
            TableColumn(key="ordered", label=_("Orders"), unit=Unit.COUNT),
        ),
    )
    total = sum(row.values[ORDERED.key] for row in answer.rows)
    tile = Kpi(key="ordered", label=_("Orders"), value=total, metric=ORDERED.key)
    lines = ([row.keys[0], row.values[ORDERED.key]] for row in answer.rows)
    return Report(_("Sales"), (Kpis("totals", (tile,)), client.keep(table, lines)))


def sums(request: ReportRequest, client: Building) -> Report:
    """How many orders there were; which, where there were any."""
    built = sales(request, client)
    answer = client(Question(ORDERS.key, (ORDERED.key,), request.span()))
    return built if answer.totals[ORDERED.key] else replace(built, blocks=built.blocks[:1])


KINDS = (
    replace(SALES, build=sales),
    replace(SALES, key="shop.customers", build=sales, personal=True),
)
COUNTRIES = replace(
    SALES,
    key="shop.countries",
    build=sales_by_country,
    parameters=(
        Parameter("countries", _("Countries"), ParameterKind.TAGS, default=(), choices=known_countries),
    ),
)


SUMS = replace(
    SALES,
    key="shop.sums",
    build=sums,
    blocks=(Choice("totals", _("Totals")), Choice("orders", _("Orders"))),
)
"""A report whose parts may be chosen, and that has no table where nothing was sold."""


class RenderingRuns(Runs):
    """Runs with a worker for the files that somebody waits for."""

    engine: Engine

    async def render(
        self, actor: Principal, run: UUID, spec: RenderSpec, *, seconds: float | None
    ) -> Artifact | None:
        worker = asyncio.create_task(self._work(run))
        try:
            return await super().render(actor, run, spec, seconds=seconds)
        finally:
            worker.cancel()

    async def _work(self, run: UUID) -> None:
        while True:
            for step in await StepRow.filter(job_id=run, state=State.WAITING, name__startswith=RENDER):
                await self.engine.work(step.id)
            await anyio.sleep(0.01)


class Office:
    """All that runs need, over real parts."""

    def __init__(
        self,
        catalog: Catalog,
        warehouse: Warehouse,
        folder: Path,
        kinds: tuple[ReportKind, ...] = KINDS,
        **answers: Any,
    ) -> None:
        self.catalog, self.warehouse = catalog, warehouse
        self.registry: Registry = load(
            [
                ("shop", plugin(register_reports=kinds, register_renderers=None, **answers)),
                ("rendering", RENDERING),
            ],
            installed=False,
        )
        self.called, self.clock = Called(), FrozenClock(NOON)
        self.files = Files((folder / "files").as_uri())
        self.jobs = Jobs(catalog, self.clock, self.called)
        self.branding = Branding(catalog, self.files, self.clock)
        self.renderer = renderer = ArtifactRenderer(
            catalog, self.registry, self.files, self.branding, Translator.of(), self.clock, key=b"key"
        )
        sources = Sources(catalog, self.clock, self.registry, b"key")
        self.runs = RenderingRuns(catalog, self.jobs, self.clock, self.registry, sources, renderer)
        self.retention = Retention(catalog, self.files, self.clock)
        manifest = Manifest(catalog, Moments(catalog, self.clock, warehouse))
        self.query = query = Query(warehouse, self.registry, manifest, at_once=4, each=4)
        self.handlers: dict[str, StepHandler | BatchHandler] = {
            "build": BuildStep(catalog, self.registry, query, self.files, self.clock, Translator.of()),
            "render": RenderStep(renderer),
        }
        self.engine = self.runs.engine = Engine(catalog, self.jobs, self.clock, self.handlers, timing=QUICK)

    async def open(self) -> None:
        """The workspace and its tills, with nothing sold."""
        self.warehouse.ensure(self.registry.datasets.values())
        await self.furnish()

    async def furnish(self) -> None:
        """The workspace and its tills, for what asks no warehouse."""
        self.workspace = await Workspace.create(
            name="Acme", zone="Europe/Paris", first_weekday=0, language="en", created_at=NOON
        )
        for till, name in ((LEFT, "Left"), (RIGHT, "Right")):
            await SourceRow.create(
                id=till, workspace=self.workspace, plugin="shop", kind="till", name=name,
                live_name=name.lower(), address=name, zone="Europe/Paris", created_at=NOON,
            )  # fmt: skip

    async def person(
        self, name: str, tills: Mapping[UUID, str], permissions: Iterable[str] = ()
    ) -> Principal:
        """A member with these roles on the tills."""
        person = await Person.create(
            email=f"{name.lower()}@example.org", name=name, password_hash="", created_at=NOON
        )
        await Membership.create(
            workspace=self.workspace, person=person, role="member", permissions=list(permissions)
        )
        for till, role in tills.items():
            await SourceGrant.create(person=person, source=till, role=role)
        return await self.actor(person.id)

    async def actor(self, person: UUID | None) -> Principal:
        """The person with the rights they have now."""
        assert person is not None
        actor = await principal_for(person)
        assert actor is not None
        return actor

    def sell(self, till: UUID, *orders: str, ago: timedelta = timedelta(days=1), country: str = "fr") -> None:
        """Orders of a till, so long before noon; they arrive now."""
        rows: list[dict[str, Any]] = [
            {
                "occurred_at": NOON - ago,
                "order": order,
                "country": country,
                "tags": [],
                "total": 1.0,
                "gift": False,
            }
            for order in orders
        ]
        self.warehouse.append(ORDERS, till, rows, moment=self.clock.now())

    async def finish(self, run: Run) -> Run:
        """Do the run's steps."""
        for step in await StepRow.filter(job_id=run.id).order_by("position"):
            await self.engine.work(step.id)
        return await read_run(run.id)
