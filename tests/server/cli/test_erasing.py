"""The command that erases a contact shows all addresses of a person before it erases any."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from bilan.cli.main import application

ANN, PHONE = "ann@example.org", "33612345678"


class Server:
    """Answers as a server that knows which addresses are one person."""

    def __init__(self, *together: str) -> None:
        self.together, self.erased = list(together), list[dict[str, Any]]()

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        if "addressesErasedWith" in query and "mutation" not in query:
            return {"addressesErasedWith": self.together}
        self.erased.append(variables)
        return {"eraseContact": {"pseudonym": "erased-1", "also": ["erased-2"][: len(self.together) - 1]}}

    def perform(self, command: Callable[[Any], Any]) -> Any:
        return command(self)


@pytest.mark.requirement("FX-06")
@pytest.mark.parametrize(
    ("options", "typed", "erases"),
    [((), "n\n", False), ((), "", False), ((), "y\n", True), (("--yes",), "", True)],
)
def test_several_addresses_are_listed_and_erased_by_whoever_agrees(
    monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], typed: str, erases: bool
) -> None:
    server = Server(PHONE, ANN)
    monkeypatch.setattr("bilan.cli.contacts.perform", server.perform)
    done = CliRunner().invoke(application, ["contacts", "erase", ANN, *options], input=typed)

    assert f"one person and are erased together:\n  {PHONE}\n  {ANN}\n" in done.output
    assert server.erased == ([{"address": ANN, "together": [PHONE, ANN]}] if erases else [])
    assert (done.exit_code == 0) is erases


def test_a_single_address_is_erased_without_a_question(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(ANN)
    monkeypatch.setattr("bilan.cli.contacts.perform", server.perform)
    done = CliRunner().invoke(application, ["contacts", "erase", ANN])

    assert (done.exit_code, len(server.erased)) == (0, 1)
    assert "In their place stands erased-1." in done.output
