"""The web application: who answers what, behind which middleware."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import BaseRoute

from bilan.app.interface import check_interface
from bilan.graphql.schema import build_schema
from bilan.graphql.view import graphql_route, graphql_routes
from bilan.http.at_once import AtOnce
from bilan.http.bodies import Bodies
from bilan.http.brand import brand_routes
from bilan.http.control import AsOperator, byte_routes
from bilan.http.downloads import download_route
from bilan.http.health import (
    Check,
    Health,
    bears,
    blocking_check,
    catalog_check,
    folder_check,
    inbox_check,
    metrics_route,
    pulls_check,
    warehouse_check,
)
from bilan.http.identity import Identity, manages
from bilan.http.kept import Kept
from bilan.http.middleware import (
    ActiveCatalog,
    Asker,
    Observe,
    OwnAddress,
    RequestId,
    SecurityHeaders,
    Unexpected,
)
from bilan.http.pictures import picture_routes
from bilan.http.plugin_routes import PluginRoutes
from bilan.http.problems import answer_problem, answer_unexpected
from bilan.http.progress import progress_route
from bilan.http.webhooks import Webhooks
from bilan.sdk.errors import BilanError

if TYPE_CHECKING:
    from bilan.app.assembly import Bilan


def web_application(bilan: Bilan) -> Starlette:
    """The application of one process."""
    services = bilan.services
    errors: dict[Any, Callable[..., Any]] = {BilanError: answer_problem}
    routes: list[BaseRoute] = [*_core_routes(bilan), *PluginRoutes(services).routes()]
    for declared in services.registry.declared:
        if declared.interface is not None:
            check_interface(declared.plugin.name, declared.interface.routes, routes)
            routes += declared.interface.routes
            errors |= declared.interface.errors
    # Rendered by the innermost middleware, so that such an answer gets what the others add.
    unexpected = errors.pop(Exception, answer_unexpected)
    application = Starlette(
        routes=routes,
        exception_handlers=errors,
        middleware=[
            Middleware(RequestId),
            Middleware(Observe, services.meters),
            Middleware(OwnAddress),
            Middleware(SecurityHeaders, https=services.settings.https),
            Middleware(ActiveCatalog, services.catalog),
            # Also around what finds out who asks, which needs the catalog.
            Middleware(Unexpected, unexpected, errors[BilanError]),
            Middleware(Asker),
            Middleware(Kept, services.kept_answers, "/graphql"),
            Middleware(
                Identity,
                services.sessions,
                services.tokens,
                errors[BilanError],
                secure=services.settings.cookies_secure,
            ),
            Middleware(AtOnce, errors[BilanError]),
            Middleware(Bodies, others=("/hooks/",)),
        ],
    )
    application.state.services = services
    return application


def control_application(bilan: Bilan) -> Starlette:
    """The application behind the control socket, for the operator's commands."""
    services = bilan.services
    schema = build_schema(services.registry)
    return Starlette(
        routes=[
            *Health(_checks(bilan)).routes(),
            graphql_route(schema, services),
            download_route(services),
            *byte_routes(services),
        ],
        exception_handlers={BilanError: answer_problem},
        middleware=[
            Middleware(ActiveCatalog, services.catalog),
            Middleware(Asker),
            Middleware(Unexpected),
            Middleware(AsOperator, services),
        ],
    )


def _checks(bilan: Bilan) -> dict[str, Check]:
    services = bilan.services
    return {
        "catalog": catalog_check(services.catalog),
        "warehouse": warehouse_check(services.warehouse),
        "queue": blocking_check(bilan.broker.get_declared_queues),
        "inbox": inbox_check(services.inbox, bilan.appender, services.settings.inbox_limit, services.clock),
        "pulls": pulls_check(services.pulls),
        "folder": folder_check(services.settings.data_dir),
    }


def _core_routes(bilan: Bilan) -> list[BaseRoute]:
    services = bilan.services
    webhooks = Webhooks(
        services.settings,
        services.sources,
        services.inbox,
        services.registry,
        services.clock,
        services.meters,
    )
    metrics_token = services.settings.metrics_token.get_secret_value()

    async def may_see(request: Request) -> bool:
        return bears(request, metrics_token) or await manages(services, request)

    health = Health(_checks(bilan), may_see)
    return [
        webhooks.route(),
        *health.routes(),
        metrics_route(services.meters, services.inbox, services.clock, metrics_token),
        download_route(services),
        *brand_routes(services),
        *picture_routes(services),
        progress_route(services),
        *graphql_routes(build_schema(services.registry), services),
    ]
