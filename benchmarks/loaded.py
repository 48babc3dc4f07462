"""The events and the data folder they were imported into, made once and kept below the cache."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks import data, reference
from benchmarks.served import Product

ROOT = Path(__file__).parents[1]
STORAGE = (
    "server/bilan/warehouse", "server/bilan/ingest", "server/bilan/migrations",
    "plugins/email_campaigns/bilan_email_campaigns/datasets.py",
)  # fmt: skip
"""The code that decides how facts lie on the disk: where it changes, they are imported anew."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A product that holds the events, and who may ask it."""

    product: Product
    token: str
    events: int
    parquet: Path
    """The folder of the events as Parquet and in the reference."""
    import_seconds: float


def events_below(cache: Path, events: int) -> Path:
    """The folder of so many events, made if it is not there."""
    folder = cache / f"events-{events}-v{data.VERSION}-duckdb-{duckdb.__version__}"
    if not (folder / "reference.duckdb").exists():
        print(f"Making {events:,} events …", flush=True)
        data.write(folder, events)
        reference.make(folder)
    return folder


def storage_version() -> str:
    """What changes when facts are stored in another way: a hash of the code that stores them."""
    content = hashlib.sha256()
    for name in STORAGE:
        path = ROOT / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            content.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return content.hexdigest()[:12]


def load(cache: Path, events: int) -> Loaded:
    """The product with so many events, imported by ``bilan import`` if this code has not done so before."""
    parquet = events_below(cache, events)
    folder = cache / f"loaded-{events}-v{data.VERSION}-{storage_version()}"
    said = folder / "loaded.json"
    product = Product(folder / "data")
    if not said.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        print(f"Importing {events:,} events …", flush=True)
        token = product.token()
        product.add_source("file", "Shop")
        began = time.perf_counter()
        with product.serving(token) as served:
            product.command("import", "--source", "Shop", str(parquet / "events.parquet"))
            taken = time.perf_counter() - began
            served.until_quiet()
        said.write_text(json.dumps({"token": token, "seconds": taken}))
    kept = json.loads(said.read_text())
    return Loaded(product, kept["token"], events, parquet, kept["seconds"])
