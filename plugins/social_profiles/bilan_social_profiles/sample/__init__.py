"""Sample data: two brands that are simulated, and tables of a connector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from bilan.sdk import ImportFile, Sample
from bilan_social_profiles.network_names import network_name
from bilan_social_profiles.sample.brands import PROFILES, SimulatedProfile
from bilan_social_profiles.sample.export import profile_file
from bilan_social_profiles.textdomain import _

DATA = Path(__file__).parent / "data"


def exported(profile: SimulatedProfile, folder: Path, now: datetime) -> Iterable[ImportFile]:
    """What a scheduling tool exports of a simulated profile up to now."""
    return (profile_file(profile, folder, now),)


def connector(_folder: Path, _now: datetime) -> Iterator[ImportFile]:
    """The tables of a connector, of their own days: they stand apart from the brands' last months."""
    first, *others = sorted(DATA.glob("*_connector/*.csv"))
    yield ImportFile(first, first.name, {path.name: path for path in others})


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
        _("Real tables of some years ago, without words. See the data’s README and licence."),
        files=connector,
    ),
)
