"""Sample data: two brands that are simulated, and tables of a connector."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from bilan.sdk import ImportFile, Sample
from bilan_social_profiles.network_names import network_name
from bilan_social_profiles.sample.brands import PROFILES, Profile
from bilan_social_profiles.sample.export import profile_file
from bilan_social_profiles.textdomain import _

DATA = Path(__file__).parent / "data"
DAY = re.compile(r"\b20\d\d-\d\d-\d\d(?=[T ,])")
"""A day as the connector writes it."""


def exported(profile: Profile, folder: Path, now: datetime) -> Iterable[ImportFile]:
    """What a scheduling tool exports of a simulated profile up to now."""
    return (profile_file(profile, folder, now),)


def connector(folder: Path, now: datetime) -> Iterator[ImportFile]:
    """The tables of a connector, those of each network moved by whole weeks so that they end these days."""
    paths = dict[str, Path]()
    for network in sorted(DATA.glob("*_connector")):
        texts = {path.name: path.read_text("utf-8") for path in sorted(network.glob("*.csv"))}
        paths |= _moved(texts, folder, now)
    first = next(iter(paths))
    yield ImportFile(paths.pop(first), first, paths)


def _moved(texts: Mapping[str, str], folder: Path, now: datetime) -> dict[str, Path]:
    last = max(date.fromisoformat(found) for text in texts.values() for found in DAY.findall(text))
    weeks = timedelta(weeks=(now.date() - last - timedelta(days=1)) // timedelta(weeks=1))

    def moved(found: re.Match[str]) -> str:
        return (date.fromisoformat(found[0]) + weeks).isoformat()

    paths = dict[str, Path]()
    for name, text in texts.items():
        paths[name] = folder / name
        paths[name].write_text(DAY.sub(moved, text), "utf-8")
    return paths


SAMPLES: tuple[Sample, ...] = (
    *(
        Sample(
            "file",
            f"{profile.brand.name} – {network_name(profile.network.name)} (simulated)",
            _("A simulated brand: its posts, pictures, followers and what people write to it are invented."),
            files=partial(exported, profile),
        )
        for profile in PROFILES
    ),
    Sample(
        "connector",
        "Connector (sample)",
        _("Real tables without words, moved to these weeks. See the data's README and licence."),
        files=connector,
    ),
)
