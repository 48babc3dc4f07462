"""The Graph's errors: one shape, told apart by code and subcode, whatever the status says.

https://developers.facebook.com/docs/graph-api/guides/error-handling
"""

from __future__ import annotations

from support.networks.calls import Answer, Refused, answer

TRACE = "EJplcsCHuLu"
READ_MORE = "Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api"


def error(
    code: int, message: str, subcode: int = 0, status: int = 400, kind: str = "OAuthException"
) -> Answer:
    """An error as the Graph writes it."""
    body: dict[str, object] = {"message": message, "type": kind, "code": code}
    if subcode:
        body["error_subcode"] = subcode
    return answer({"error": {**body, "fbtrace_id": TRACE}}, status)


def refused(
    code: int, message: str, subcode: int = 0, status: int = 400, kind: str = "OAuthException"
) -> Refused:
    """The same, to be raised."""
    return Refused(error(code, message, subcode, status, kind))


def missing(ident: str) -> Refused:
    """No such object, or none for this token: code 100, subcode 33; of a name, code 803."""
    if not ident.replace("_", "").isdigit():
        return refused(803, f"(#803) Some of the aliases you requested do not exist: {ident}", status=404)
    text = (
        f"Unsupported get request. Object with ID '{ident}' does not exist, cannot be loaded due to missing "
        f"permissions, or does not support this operation. {READ_MORE}"
    )
    return refused(100, text, 33, kind="GraphMethodException")


def invalid_metric() -> Refused:
    """An unknown metric, or one that was withdrawn ("returns an invalid metric error")."""
    return refused(100, "(#100) The value must be a valid insights metric")
