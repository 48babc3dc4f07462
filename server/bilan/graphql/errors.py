"""Errors as a code, a path and a sentence; what was not expected is logged and not told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import structlog
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

from bilan.catalog.troubles import trouble_of
from bilan.query.limiter import Overloaded
from bilan.sdk.errors import BilanError
from bilan.sdk.textdomain import _

log = structlog.get_logger(__name__)


class ErrorsExtension(SchemaExtension):
    """Gives every error ``extensions.code`` and, where one field is to blame, ``extensions.field``."""

    def on_operation(self) -> Iterator[None]:
        yield
        result: Any = self.execution_context.result
        if result is not None and getattr(result, "errors", None):
            result.errors = [self._translated(error) for error in result.errors]

    def on_stream_result(self, result: Any) -> Iterator[None]:
        """Each event of a subscription, and what goes through a websocket at all."""
        if getattr(result, "errors", None):
            result.errors = [self._translated(error) for error in result.errors]
        yield

    def _translated(self, error: GraphQLError) -> GraphQLError:
        cause = error.original_error
        if cause is not None and not isinstance(cause, BilanError) and (trouble := trouble_of(cause)):
            log.warning("graphql.put_off", path=error.path, reason=str(trouble), exc_info=cause)
            cause = trouble
        if isinstance(cause, BilanError):
            context = self.execution_context.context
            formatter = context.formatter
            if isinstance(cause, Overloaded) and context.response is not None:
                # Programs and proxies look at the status to know that they should come again.
                context.response.status_code = cause.status
                context.response.headers["Retry-After"] = str(cause.retry_after)
            extensions: dict[str, Any] = {"code": cause.code}
            if cause.path:
                extensions["field"] = ".".join(cause.path)
            return _like(error, formatter.text(cause.message), extensions)
        if cause is None or isinstance(cause, GraphQLError):
            return _like(error, error.message, {"code": "invalid_query", **(error.extensions or {})})
        log.error("graphql.unexpected_error", path=error.path, exc_info=cause)
        sentence = self.execution_context.context.formatter.text(
            _("Something went wrong on the server; the log has the details.")
        )
        return _like(error, sentence, {"code": "internal"})


def _like(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
