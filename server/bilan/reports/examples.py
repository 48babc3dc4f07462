"""Examples of report kinds: whether they can be filled in as they stand, before anybody opens one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bilan.registry.mistakes import mistake
from bilan.reports.common import Locality
from bilan.reports.request import request_for
from bilan.sdk.errors import Invalid
from bilan.sdk.reports import Example, ReportKind
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.registry.declared import Registry

ANYWHERE = Locality("UTC", 0)
NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def check_examples(registry: Registry) -> None:
    """Raise ``Misdeclared`` for the first example that its kind does not take.

    What depends on facts, such as which campaigns there are, is taken as it is.
    """
    for one in registry.declared:
        for kind in one.reports:
            for example in kind.examples:
                _check_example(one.plugin.name, kind, example)


def _check_example(plugin: str, kind: ReportKind, example: Example) -> None:
    try:
        request_for(kind, example.values, as_of=NEVER, locality=ANYWHERE, client=None)
    except Invalid as error:
        reason = _(
            "the example {example} of {kind} cannot be filled in: {error}",
            example=example.key, kind=kind.key, error=error.message,
        )  # fmt: skip
        raise mistake(plugin, reason) from error
