"""Report kinds: the common parameters they use, the formats that make sense, their pages."""

from __future__ import annotations

from bilan.registry.declared import Declared, Registry
from bilan.registry.mistakes import mistake, unique
from bilan.sdk.messages import Message
from bilan.sdk.reports import COMMON, ReportKind
from bilan.sdk.textdomain import _


def check_report_kinds(registry: Registry, one: Declared) -> None:
    """Raise ``Misdeclared`` for the first report kind of a plugin that could not work."""
    name = one.plugin.name
    for kind in one.reports:
        unique(name, (f"{kind.key}.{example.key}" for example in kind.examples))
        if not callable(kind.blocks):
            unique(name, (f"{kind.key}.{block.value}" for block in kind.blocks))
        if reason := _unusable(registry, kind):
            raise mistake(name, reason)
    pages = [str(kind.page) for kind in one.reports if kind.page is not None]
    for page in pages:
        if pages.count(page) > 1:
            raise mistake(name, _("two of its reports have a page that is called “{page}”", page=page))


def _unusable(registry: Registry, kind: ReportKind) -> Message | None:
    if not kind.datasets:
        return _("{key} reads no dataset, so it could have no source", key=kind.key)
    for parameter in kind.common:
        if parameter not in COMMON:
            return _(
                "{key} uses the common parameter {parameter}, which there is not; there are {known}",
                key=kind.key, parameter=parameter, known=", ".join(COMMON),
            )  # fmt: skip
    if kind.common == ("compare",):
        return _("{key} is compared with another period, but has no period itself", key=kind.key)
    if kind.named_by and kind.named_by not in {one.key for one in kind.parameters}:
        return _(
            "{key} is named by the parameter {parameter}, which it does not have",
            key=kind.key, parameter=kind.named_by,
        )  # fmt: skip
    if kind.page is not None and not str(kind.page).strip():
        return _("the page of {key} has no name", key=kind.key)
    for wanted in kind.formats if registry.renderers else ():
        if wanted not in registry.renderers:
            return _(
                "{key} is to be had as {format}, which nobody renders; there are {formats}",
                key=kind.key, format=wanted, formats=", ".join(sorted(registry.renderers)),
            )  # fmt: skip
    return None
