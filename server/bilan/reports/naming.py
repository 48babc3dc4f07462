"""Names of saved reports: unique in a workspace, without regard to case and spaces."""

from __future__ import annotations

import itertools
import re
from uuid import UUID

from bilan.catalog.text import clean_name
from bilan.i18n import Translator
from bilan.reports.models import ReportRow
from bilan.sdk.errors import Conflict, Invalid
from bilan.sdk.reports import ReportKind
from bilan.sdk.textdomain import _

LONGEST_NAME = 200
_NUMBER = re.compile(r" \(\d+\)$")


def name_of(raw: str) -> str:
    """The name without needless spaces. Raises ``Invalid`` for none and for one that is too long."""
    name = clean_name(raw)
    if not name:
        raise Invalid(_("A report needs a name."), ("name",))
    if len(name) > LONGEST_NAME:
        raise Invalid(_("A report's name has at most {most} characters.", most=LONGEST_NAME), ("name",))
    return name


def own_name(name: str | None, kind: ReportKind, translator: Translator) -> str | None:
    """The name that people gave a report; nothing where it is the kind's label, as proposed."""
    given = name and not translator.says(_NUMBER.sub("", name), kind.label)
    return name if given else None


def folded(name: str) -> str:
    """What two names have in common that are taken for the same."""
    return " ".join(name.split()).casefold()


def name_taken(name: str) -> Conflict:
    """The error where another report of the workspace has the name."""
    return Conflict(_("There already is a report called {name}; choose another name.", name=name), ("name",))


async def free_name(workspace: UUID, name: str) -> str:
    """The name, with the first number behind it where a report of the workspace has it."""
    taken = {row.folded_name for row in await ReportRow.filter(workspace_id=workspace)}
    numbered = (f"{name[: LONGEST_NAME - 8]} ({number})" for number in itertools.count(2))
    return next(one for one in itertools.chain([name], numbered) if folded(one) not in taken)
