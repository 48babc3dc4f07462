"""The endpoint: ``/graphql`` answers programs, and shows GraphiQL to people."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from json import JSONDecodeError
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import strawberry
from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UNSET, UnsetType

from bilan.accounts.policy import signed_in
from bilan.graphql.bounds import Bounded
from bilan.graphql.context import Context
from bilan.i18n import formatter_for, negotiate
from bilan.sdk.errors import BilanError, Unauthenticated

if TYPE_CHECKING:
    from bilan.accounts import Principal
    from bilan.services import Services

INTRODUCTION = timedelta(seconds=10)
"""How long a websocket may stay without its first message."""
AT_ONCE = 20
"""Operations that may go on at once over one websocket."""
LARGEST = 1024 * 1024
"""Bytes of a request; a query of the most words that is let in has a fraction of it."""
STATIC = Path(__file__).parent / "static" / "graphiql"
EDITOR_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""GraphiQL's editor writes style attributes, so its page alone may have inline styles; never scripts."""


class Endpoint(GraphQL[Context, None]):
    """Strawberry's endpoint with our context. Reading by GET is allowed, changing is not."""

    def __init__(self, schema: strawberry.Schema, services: Services) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql",
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=INTRODUCTION,
            max_subscriptions_per_connection=AT_ONCE,
        )
        self.services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        request = Request(scope, receive)
        # Before anything is read that strangers send; the page of the editor is the same for everybody.
        editor = scope["method"] == "GET" and "query" not in request.query_params
        try:
            if not (editor or self.services.settings.introspection):
                signed_in(request.state.actor)
            response = await self.run(request)
        except Unauthenticated as error:
            # JSON for everybody, as nobody but programs gets here.
            response = _refused(str(error), error.code, error.status)
        except HTTPException as error:
            response = _refused(error.reason, "bad_request", error.status_code)
        await response(scope, receive, send)

    async def process_result(self, request: Request, result: Any) -> Any:
        for error in result.errors or ():
            # What is no GraphQL is found before any extension looks at errors.
            error.extensions = {"code": "invalid_query", **(error.extensions or {})}
        return await super().process_result(request, result)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        actor = request.state.actor
        language = _language(request.headers.get("accept-language", ""), actor)
        zone = actor.zone if actor else "UTC"
        formatter = formatter_for(self.services.translator, language, zone)
        lasting = isinstance(request, WebSocket)
        return Context(
            services=self.services,
            signed_in=actor,
            formatter=formatter,
            refresh_actor=request.state.refresh_actor if lasting else None,
            place=getattr(request.state, "place", None) if lasting else None,
            ingredients=getattr(request.state, "ingredients", None),
            response=response if isinstance(response, Response) else None,
        )

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        """Programs that cannot set headers name their token in the first message."""
        authorization = context.connection_params.get("authorization")
        if isinstance(authorization, str):
            context.refresh_actor = partial(self._actor_of, authorization)
        try:
            context.signed_in = await context.refresh_actor() if context.refresh_actor else None
            if context.signed_in is not None and context.place is not None:
                context.place.take(context.signed_in)
        except BilanError:
            context.signed_in = None
        if context.signed_in is None:
            raise ConnectionRejectionError
        return UNSET

    async def _actor_of(self, authorization: str) -> Principal | None:
        scheme, _space, token = authorization.partition(" ")
        return await self.services.tokens.principal_of(token.strip()) if scheme.lower() == "bearer" else None

    def parse_json(self, data: str | bytes) -> Any:
        try:
            decoded = msgspec.json.decode(data)
        except msgspec.DecodeError as error:
            raise HTTPException(400, f"The request is no JSON: {error}.") from error
        except RecursionError as error:
            raise HTTPException(400, "The request is nested too deep.") from error
        if not isinstance(decoded, dict | list):
            raise HTTPException(400, "A request is a JSON object with the key query.")
        return decoded

    def decode_json(self, data: str | bytes) -> object:
        """A message over a websocket. Raises ``JSONDecodeError``, which closes it, for what is no object."""
        try:
            message = self.parse_json(data)
        except HTTPException as error:
            raise JSONDecodeError(error.reason or "", "", 0) from error
        if not isinstance(message, dict):
            raise JSONDecodeError("A message is a JSON object.", "", 0)
        return message

    def encode_json(self, data: object) -> bytes:
        return msgspec.json.encode(data)

    async def render_graphql_ide(self, request: Request) -> Response:  # noqa: ARG002
        return FileResponse(
            STATIC / "index.html", headers={"content-security-policy": EDITOR_POLICY}, media_type="text/html"
        )


def _refused(message: str | None, code: str, status: int) -> JSONResponse:
    return JSONResponse({"errors": [{"message": message, "extensions": {"code": code}}]}, status)


def _language(accepted: str, actor: Principal | None) -> str:
    """A program says in the header what it wants; a browser always sends one, so its person decides."""
    asked = actor is not None and actor.via != "session" and accepted not in ("", "*")
    return negotiate(accepted, None if asked or actor is None else actor.language)


def graphql_route(schema: strawberry.Schema, services: Services) -> Route:
    """The endpoint for requests that are answered at once."""
    endpoint: Any = Endpoint(schema, services)
    return Route("/graphql", Bounded(endpoint, LARGEST), methods=["GET", "POST"], name="graphql")


def graphql_routes(schema: strawberry.Schema, services: Services) -> list[BaseRoute]:
    """The endpoint, also over a websocket, and what GraphiQL is made of."""
    endpoint: Any = Endpoint(schema, services)
    return [
        graphql_route(schema, services),
        WebSocketRoute("/graphql", endpoint, name="graphql_ws"),
        Mount("/graphql/static", StaticFiles(directory=STATIC), name="graphiql"),
    ]
