"""The events and the data folder they were imported into, made once and kept below the cache."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks import data, reference
from benchmarks.served import Product

ROOT = Path(__file__).parents[1]
IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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
    if not (folder / reference.FILE).exists():
        print(f"Making {events:,} events …", flush=True)
        if not (folder / "events.parquet").exists():
            data.write(folder, events)
        reference.make(folder)
    return folder


def storage_version() -> str:
    """What changes when facts are stored in another way: a hash of the tables that an empty folder gets."""
    with tempfile.TemporaryDirectory(prefix="bilan-bench-") as folder:
        product = Product(Path(folder) / "data")
        product.token()
        return hashlib.sha256("\n".join(definitions(product.folder)).encode()).hexdigest()[:12]


def definitions(folder: Path) -> list[str]:
    """The tables of a data folder, in the warehouse and in the catalog, without what is made up anew."""
    files = sorted((folder / "warehouse").rglob("*.sql"), key=lambda file: file.name)
    made = [f"{file.name} {IDENTIFIER.sub('', file.read_text(encoding='utf-8'))}" for file in files]
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as catalog:
        return made + [
            sql for (sql,) in catalog.execute("SELECT sql FROM sqlite_master ORDER BY name") if sql
        ]


def load(cache: Path, events: int) -> Loaded:
    """The product with so many events, imported by ``bilan import`` unless such tables hold them already."""
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
