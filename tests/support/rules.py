"""A plugin of a shop, good but for what a test of the contract's rules changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bilan.registry.declared import Declared
from bilan.registry.gather import load
from bilan.sdk.datasets import Fact, Reject
from bilan.sdk.messages import messages
from bilan.sdk.sources import Post, Sample, Settings, WebhookRequest
from bilan.testing.samples import SampleInput, sample_inputs
from bilan.testing.source_rules import NOW
from fixtures.declarations import (
    ORDERS,
    TILL,
    plugin,
)

_ = messages("shop")[0]


def order(number: int, **values: Any) -> Fact:
    """An order of 2 March 2026."""
    row = {"occurred_at": datetime(2026, 3, 2, 10, number, tzinfo=UTC), "order": f"O-{number}", **values}
    return Fact(ORDERS.key, row)


class Till:
    """A webhook that gives what it is told to."""

    def __init__(self, parse: Callable[[WebhookRequest], Iterable[Fact | Reject]]) -> None:
        self._parse = parse

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """Everybody is welcome."""

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        return self._parse(request)


def declared(**answers: Any) -> Declared:
    return load([("shop", plugin(**answers))], installed=False).declared[-1]


def selling(parse: Callable[[WebhookRequest], Iterable[Fact | Reject]], **answers: Any) -> dict[str, Any]:
    """The answers of a shop with one sample post, which its webhook reads so."""
    till = replace(TILL, webhook=Till(parse))
    sample = Sample("till", "Monday", _("Invented."), posts=lambda: (Post(b"[]"),))
    return {"register_sources": (till,), "register_samples": (sample,), **answers}


def pieces(tmp_path: Path, **answers: Any) -> tuple[SampleInput, ...]:
    return sample_inputs(declared(**answers), tmp_path, NOW)
