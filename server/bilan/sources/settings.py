"""A source's settings: declared by its kind, rendered as a form, checked, and split from their secrets."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from bilan.parameters.validation import check, plain, validate
from bilan.sdk.errors import Invalid
from bilan.sdk.parameters import Choice, Parameter, ParameterKind
from bilan.sdk.sources import SourceKind
from bilan.sdk.textdomain import _
from bilan.seal import Seal
from bilan.sources.models import SourceRow

VERIFY = Parameter(
    "verify",
    _("Check signatures"),
    ParameterKind.FLAG,
    default=True,
    help=_("Refuse posts whose sender does not prove itself. Switch off only for tests."),
    advanced=True,
)
SETTLING = "settling"
"""The key of the setting that says how long a source is waited for."""
MOST_SETTLING = 24 * 30
USUALLY, NEVER = "usual", "never"
EVERY = {
    "hour": timedelta(hours=1), "six_hours": timedelta(hours=6), "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}  # fmt: skip
"""How often a source is pulled, by the value of its setting."""
PULLED = Parameter(
    "pulled",
    _("Fetched"),
    ParameterKind.CHOICE,
    default=USUALLY,
    choices=(
        Choice(USUALLY, _("As often as makes sense")),
        Choice("hour", _("Every hour")),
        Choice("six_hours", _("Every six hours")),
        Choice("day", _("Every day")),
        Choice("week", _("Every week")),
        Choice(NEVER, _("Only when somebody asks for it")),
    ),
    help=_("How often the service is asked for what is new."),
    advanced=True,
)


def parameters_of(kind: SourceKind) -> tuple[Parameter, ...]:
    """What can be filled in for a source of this kind."""
    of_core = ((VERIFY,) if kind.webhook else ()) + ((PULLED,) if kind.pull else ())
    return (*kind.settings, *of_core, _settling(kind))


def _settling(kind: SourceKind) -> Parameter:
    return Parameter(
        SETTLING,
        _("Settling delay in hours"),
        ParameterKind.NUMBER,
        help=_(
            "How long after the end of a period what is missing of it may still come. Schedules that wait "
            "for their sources wait so much longer. Without a number: {hours}.",
            hours=kind.settling_hours,
        ),
        advanced=True,
        check=_check_settling,
    )


def _check_settling(hours: int) -> None:
    if not 0 <= hours <= MOST_SETTLING:
        raise Invalid(_("A settling delay is 0 to {most} hours.", most=MOST_SETTLING))


def settling_of(kind: SourceKind | None, stored: Mapping[str, Any]) -> timedelta:
    """How late facts of a source with these settings may come; ``kind`` is its own, where that is known."""
    usual = kind.settling_hours if kind is not None else 0
    chosen = stored.get(SETTLING)
    return timedelta(hours=usual if chosen is None else chosen)


def can_pull(kind: SourceKind, stored: Mapping[str, Any], sealed: Collection[str]) -> bool:
    """Whether a source has what its kind is pulled with, among its settings or those that are sealed."""
    needed = kind.pulled_with
    return kind.pull is not None and (not needed or needed in sealed or bool(stored.get(needed)))


def pulled_every(
    kind: SourceKind, stored: Mapping[str, Any], sealed: Collection[str] = ()
) -> timedelta | None:
    """How often a source with these settings is pulled by itself; ``None`` where it is not."""
    if kind.pull is None or not can_pull(kind, stored, sealed):
        return None
    chosen = stored.get(PULLED.key, USUALLY)
    return None if chosen == NEVER else EVERY.get(chosen, kind.pull.every)


def digest_of(kind: SourceKind, values: Mapping[str, Any]) -> str:
    """What tells whether settings are the same, but for secrets: another token reads the same."""
    hidden = secrets_of(kind)
    told = {key: value for key, value in plain(values).items() if key not in hidden}
    return hashlib.sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()


def secrets_of(kind: SourceKind) -> frozenset[str]:
    """The settings that are stored encrypted and never shown again."""
    return frozenset(one.key for one in kind.settings if one.kind is ParameterKind.SECRET)


def filled(kind: SourceKind, raw: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """The settings after a change, as JSON. What is not given stays.

    Raises ``Invalid`` with the setting's path.
    """
    parameters = parameters_of(kind)
    declared = {one.key for one in parameters}
    kept = {key: value for key, value in stored.items() if key in declared}
    return plain(validate(parameters, {**kept, **raw}, client=None))


def given(kind: SourceKind, raw: Mapping[str, Any]) -> dict[str, Any]:
    """What a form means to change: a secret left empty is one to keep."""
    secrets = secrets_of(kind)
    return {key: value for key, value in raw.items() if value or key not in secrets}


class Settings:
    """Settings in a source's row, the secrets among them sealed."""

    def __init__(self, key: bytes, previous: Iterable[bytes] = ()) -> None:
        self._seal = Seal(key, previous)

    def store(self, row: SourceRow, kind: SourceKind, values: Mapping[str, Any]) -> None:
        """Put the settings into the row's columns. An empty secret is none."""
        secrets = secrets_of(kind)
        row.settings = {
            key: one
            for key, one in values.items()
            if key not in secrets and key != VERIFY.key and (key, one) != (SETTLING, None)
        }
        row.sealed = {key: self._seal.close(values[key]) for key in sorted(secrets) if values.get(key)}
        row.verify = values.get(VERIFY.key, True)

    def replace(self, row: SourceRow, secrets: Mapping[str, str]) -> None:
        """Put these secrets in place of those of their names; the others stay."""
        row.sealed = {**row.sealed, **{key: self._seal.close(one) for key, one in secrets.items()}}

    def stored(self, row: SourceRow, *, but: Collection[str] = ()) -> dict[str, Any]:
        """All that the row holds. Secrets named in ``but`` stay closed. Raises ``Conflict``."""
        secrets = {key: self._seal.open(one) for key, one in row.sealed.items() if key not in but}
        return {**row.settings, **secrets, VERIFY.key: row.verify}

    def opened(self, row: SourceRow, kind: SourceKind) -> dict[str, Any]:
        """The settings as the plugin's code reads them: with defaults, without the core's own."""
        stored = self.stored(row)
        known = {one.key: stored[one.key] for one in kind.settings if one.key in stored}
        return check(kind.settings, known, client=None).values
