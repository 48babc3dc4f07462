"""The endpoint: ``/graphql`` answers programs, and shows GraphiQL to people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import strawberry
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL

from bilan.graphql.context import Context
from bilan.i18n import formatter_for, negotiate
from bilan.services import Services

STATIC = Path(__file__).parent / "static" / "graphiql"
EDITOR_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""GraphiQL's editor writes style attributes, so its page alone may have inline styles; never scripts."""


class Endpoint(GraphQL[Context, None]):
    """Strawberry's endpoint with our context. Reading by GET is allowed, changing is not."""

    def __init__(self, schema: strawberry.Schema, services: Services) -> None:
        super().__init__(schema, graphql_ide="graphiql", subscription_protocols=())
        self.services = services

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:  # noqa: ARG002
        actor = request.state.actor
        language = negotiate(request.headers.get("accept-language", ""), actor.language if actor else None)
        zone = actor.zone if actor else "UTC"
        formatter = formatter_for(self.services.translator, language, zone)
        return Context(services=self.services, signed_in=actor, formatter=formatter)

    async def render_graphql_ide(self, request: Request) -> Response:  # noqa: ARG002
        return FileResponse(
            STATIC / "index.html", headers={"content-security-policy": EDITOR_POLICY}, media_type="text/html"
        )


def graphql_routes(schema: strawberry.Schema, services: Services) -> list[BaseRoute]:
    """The endpoint and what GraphiQL is made of."""
    endpoint: Any = Endpoint(schema, services)
    return [
        Route("/graphql", endpoint, methods=["GET", "POST"], name="graphql"),
        Mount("/graphql/static", StaticFiles(directory=STATIC), name="graphiql"),
    ]
