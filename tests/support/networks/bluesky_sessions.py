"""Sessions of a Bluesky account: a short access token, a longer refresh token, and how they end.

https://atproto.com/specs/xrpc#authentication ("HTTP Bearer auth with JWT tokens") and the lexicons
``com.atproto.server.createSession``, ``refreshSession`` and ``getSession``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

from support.networks.calls import Answer, Call, Refused, answer
from support.networks.sites import Site
from support.networks.world import Account, Network, Token, World

ACCESS, REFRESH = timedelta(hours=2), timedelta(days=60)
"""How long tokens last: the specification says "short" for the first."""


class Sessions(Site):
    """The methods that open and renew sessions."""

    def __init__(self, world: World, largest: int | None = None) -> None:
        super().__init__(world, largest)
        server = "/xrpc/com.atproto.server"
        self.route("createSession", f"{server}.createSession", self.create_session, "POST")
        self.route("refreshSession", f"{server}.refreshSession", self.refresh_session, "POST")
        self.route("getSession", f"{server}.getSession", self.get_session)

    def create_session(self, call: Call) -> Answer:
        """Tokens for a handle and its app password. The password is a token of the world."""
        given = call.json()
        missing = [name for name in ("identifier", "password") if name not in given]
        if missing:
            raise Refused(error(400, "InvalidRequest", f'Input must have the property "{missing[0]}"'))
        account = self.world.account(Network.BLUESKY, str(given["identifier"]).lower())
        password = self.token(str(given["password"]))
        if account is None or password is None or account.id not in password.accounts:
            raise Refused(error(401, "AuthenticationRequired", "Invalid identifier or password"))
        if account.suspended_at and account.suspended_at <= self.world.now:
            raise Refused(error(401, "AccountTakedown", "Account has been taken down"))
        return answer(self._session(account, password))

    def refresh_session(self, call: Call) -> Answer:
        """New tokens for a refresh token."""
        account, password = self.bearer(call, "refresh+jwt")
        return answer(self._session(account, password))

    def get_session(self, call: Call) -> Answer:
        """Whose the access token is."""
        account, _password = self.bearer(call, "at+jwt")
        return answer({"did": account.id, "handle": account.handle, "active": True})

    def unauthenticated(self, call: Call) -> Answer:
        """A token that nobody gave."""
        return error(401, "AuthMissing", "Authentication Required", {"WWW-Authenticate": "Bearer"})

    def _session(self, account: Account, password: Token) -> dict[str, Any]:
        return {
            "accessJwt": self._jwt("at+jwt", account.id, password.text, ACCESS),
            "refreshJwt": self._jwt("refresh+jwt", account.id, password.text, REFRESH),
            "handle": account.handle,
            "did": account.id,
            "active": True,
        }

    def _jwt(self, kind: str, subject: str, password: str, lasts: timedelta) -> str:
        now = self.world.now
        ends = int((now + lasts).timestamp())
        body = {
            "sub": subject,
            "iat": int(now.timestamp()),
            "exp": ends,
            "jti": hashlib.sha256(password.encode()).hexdigest(),
        }
        head = f"{_part({'typ': kind, 'alg': 'HS256'})}.{_part(body)}"
        return f"{head}.{_signature(head)}"

    def bearer(self, call: Call, kind: str) -> tuple[Account, Token]:
        """The account of a token of this kind. Raises as the server does: over, or none at all."""
        head, _dot, signature = call.bearer().rpartition(".")
        if not head:
            raise Refused(self.unauthenticated(call))
        if not hmac.compare_digest(_signature(head), signature):
            raise Refused(error(400, "InvalidToken", "Token could not be verified"))
        typ, body = (_unpacked(part) for part in head.split("."))
        account = self.world.account(Network.BLUESKY, body["sub"])
        passwords = [
            one
            for one in self.world.tokens.values()
            if hashlib.sha256(one.text.encode()).hexdigest() == body["jti"]
        ]
        if typ["typ"] != kind:
            raise Refused(error(400, "InvalidToken", "Invalid token type"))
        if body["exp"] <= self.world.now.timestamp() or self.token(passwords[0].text) is None:
            raise Refused(error(400, "ExpiredToken", "Token has expired"))
        if account is None:
            raise Refused(error(400, "InvalidRequest", "Could not find user info for account"))
        return account, passwords[0]


def error(status: int, name: str, message: str, headers: dict[str, str] | None = None) -> Answer:
    """The one shape of errors (https://atproto.com/specs/xrpc#error-responses)."""
    return answer({"error": name, "message": message}, status, headers)


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _unpacked(part: str) -> dict[str, Any]:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def _signature(head: str) -> str:
    digest = hmac.new(b"the server's own secret", head.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
