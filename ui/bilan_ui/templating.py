"""Templates: one serves the page and, by its blocks, the page's fragments."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2_fragments import render_block

from bilan.i18n import LocaleFormatter
from bilan.sdk.messages import Message
from bilan_ui import words
from bilan_ui.textdomain import ngettext

HERE = Path(__file__).parent

reader: ContextVar[LocaleFormatter] = ContextVar("bilan_ui_reader")
"""Writes for whoever the page is rendered for; set for each request."""


def say(text: Message | str | None) -> str:
    """A message in the reader's language; data as it is."""
    return reader.get().text(text)


def show(value: Any, unit: str) -> str:
    """A value of a unit in the reader's formats."""
    return reader.get().value(value, unit)


def _sentence(sentence: str, /, **args: Any) -> str:
    return say(Message(sentence, "ui", args))


def _sentences(one: str, many: str, /, count: int, **args: Any) -> str:
    return say(ngettext(one, many, count, **args))


@cache
def environment() -> Environment:
    """The environment of every page. Synchronous and strict: a missing value is an error, not a gap."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    helpers: dict[str, Any] = {
        "_": _sentence,
        "ngettext": _sentences,
        "say": say,
        "show": show,
        "words": words,
    }
    made.globals.update(helpers)
    return made


def render(template: str, context: Mapping[str, Any], block: str | None = None) -> str:
    """A whole template, or one of its blocks alone."""
    if block is None:
        return environment().get_template(template).render(context)
    return render_block(environment(), template, block, context)
