"""Expected failures as JSON, with the status that belongs to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bilan.sdk.errors import BilanError

Answer = Callable[[Request, Exception], Awaitable[Response]]
"""Renders what a request that failed is answered with."""


def problem(error: BilanError) -> JSONResponse:
    """The failure in English, shaped as all of them are."""
    return failure(str(error.message), error.code, error.status, error.path, headers=retry_headers(error))


def failure(
    message: str,
    code: str,
    status: int,
    path: Sequence[str] = (),
    *,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """A failure as GraphQL shapes errors: ``{"errors": [{"message", "extensions": {"code", "field"}}]}``.

    ``field`` is there where one field is to blame.
    """
    extensions = {"code": code, **({"field": ".".join(path)} if path else {})}
    return JSONResponse({"errors": [{"message": message, "extensions": extensions}]}, status, headers)


def retry_headers(error: BilanError) -> dict[str, str]:
    """The header that says when to try again, where that is known."""
    return {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}


async def answer_problem(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001 - Starlette's shape
    """The exception handler to register for ``BilanError``."""
    assert isinstance(error, BilanError)  # noqa: S101 - registered for nothing else
    return problem(error)


async def answer_unexpected(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
    """500, without a word about the cause: the log has it, under the name in ``X-Request-ID``."""
    return failure("The server made a mistake. Its log says more.", "error", 500)
