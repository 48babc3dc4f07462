"""Sample data: two brands that are simulated, and tables of a connector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from bilan.sdk import ImportFile, Sample
from bilan_social_profiles.network_names import network_name
from bilan_social_profiles.sample.brands import PROFILES, SimulatedProfile
from bilan_social_profiles.sample.export import profile_file
from bilan_social_profiles.sample.recorded import recorded
from bilan_social_profiles.textdomain import _

DATA = Path(__file__).parent / "data"


def exported(profile: SimulatedProfile, folder: Path, now: datetime) -> Iterable[ImportFile]:
    """What a scheduling tool exports of a simulated profile up to now."""
    return (profile_file(profile, folder, now),)


def connector(_folder: Path, _now: datetime) -> Iterator[ImportFile]:
    """The tables of a connector, of their own days: they stand apart from the brands' last months."""
    first, *others = sorted(DATA.glob("*_connector/*.csv"))
    yield ImportFile(first, first.name, {path.name: path for path in others})


PULLED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "mastodon": ("mastodon", {"instance": "mastodon.example", "access_token": "token", "account": "14715"}),
    "bluesky": ("bluesky", {"account": "hats.example", "app_password": "abcd-efgh-ijkl-mnop"}),
    "facebook": ("meta", {"access_token": "token", "account": "106391075531104"}),
    "instagram": ("meta", {"access_token": "token", "account": "17841405309211844", "network": "instagram"}),
    "youtube": ("youtube", {"api_key": "key", "account": "UC_x5XG1OV2P6uZZ5FSM9Ttw", "handles": "@hats"}),
}
"""The kind of each network's source, and the settings with which it reads what is recorded."""
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
    *(
        Sample(
            kind,
            f"Hats – {network_name(network)} (recorded)",
            _("Answers in the shape that the network’s documentation prints; the words are invented."),
            settings=settings,
            answers=recorded(network),
            demo=False,
        )
        for network, (kind, settings) in PULLED.items()
    ),
)
