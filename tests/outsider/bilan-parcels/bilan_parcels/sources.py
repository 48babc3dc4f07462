"""Where parcels come from: a depot's posts, and its lists as CSV files."""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from bilan.sdk import (
    ColumnMapping,
    Fact,
    ImportFile,
    Invalid,
    Message,
    Parameter,
    ParameterKind,
    Reject,
    Sample,
    Settings,
    SourceKind,
    Unauthenticated,
    WebhookRequest,
    messages,
)
from bilan_parcels.datasets import PARCELS

_ = messages("parcels")[0]

HEADER = ("parcel", "sent_at", "lane", "status", "labels", "weight", "hours", "insured", "addressee")


def fact(number: int, given: Any) -> Fact | Reject:
    """The parcel that a line or a post tells of."""
    if not isinstance(given, dict):
        return Reject(number, _("This is no parcel."), str(given))
    try:
        row = {
            "sent_at": datetime.fromisoformat(given["sent_at"]),
            "parcel": given["parcel"],
            "lane": given["lane"],
            "status": given["status"],
            "labels": sorted(filter(None, given["labels"].split(";"))),
            "weight": float(given["weight"]) if given["weight"] else None,
            "hours": float(given["hours"]) if given["hours"] else None,
            "insured": given["insured"] == "yes",
            "addressee": given["addressee"],
        }
    except KeyError as error:
        return Reject(number, _("{field} is missing.", field=str(error)), str(given))
    except ValueError as error:
        return Reject(number, _("A value cannot be read: {error}", error=str(error)), str(given))
    return Fact(PARCELS.key, row)


class DepotPosts:
    """A JSON list of parcels, signed with HMAC-SHA256 in the header ``x-depot-signature``."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        expected = hmac.new(settings["secret"].encode(), request.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, request.headers.get("x-depot-signature", "")):
            raise Unauthenticated(_("The signature does not fit the depot's secret."))

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterator[Fact | Reject]:
        del settings
        try:
            parcels = json.loads(request.body)
        except ValueError as error:
            raise Invalid(_("The post is no JSON: {error}", error=str(error))) from error
        if not isinstance(parcels, list):
            raise Invalid(_("The post must be a list of parcels."))
        for number, given in enumerate(parcels, 1):
            yield fact(number, given)


class ParcelList:
    """A depot's list, one parcel a line."""

    key = "parcel-list"
    label: Message = _("Parcel list")

    def recognises(self, file: ImportFile) -> float:
        with file.path.open(encoding="utf-8") as lines:
            return 1.0 if tuple(lines.readline().strip().split(",")) == HEADER else 0.0

    def propose(self, file: ImportFile, settings: Settings) -> ColumnMapping | None:
        del file, settings
        return None

    def read(
        self, file: ImportFile, settings: Settings, mapping: ColumnMapping | None
    ) -> Iterator[Fact | Reject]:
        del settings, mapping
        with file.path.open(encoding="utf-8", newline="") as lines:
            for number, line in enumerate(csv.DictReader(lines), 1):
                yield fact(number, line)


DEPOT = SourceKind(
    key="depot",
    label=_("Depot"),
    description=_("Posts and lists of a parcel depot."),
    settings=(Parameter("secret", _("Secret"), ParameterKind.SECRET, help=_("Signs the depot's posts.")),),
    webhook=DepotPosts(),
    readers=(ParcelList(),),
    settling_hours=240,
)


def _files(folder: Path, now: datetime) -> tuple[ImportFile, ...]:
    del folder, now
    path = Path(__file__).parent / "sample" / "parcels.csv"
    return (ImportFile(path, path.name),)


SAMPLE = Sample("depot", "Depot Lille", _("Nine invented parcels of March 2026."), files=_files)
