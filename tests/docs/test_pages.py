"""What the pages say is so: links lead somewhere, the tutorial's code is real code, names exist."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

import bilan
from support.plugins import STRANGER, project_files, tutorial

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("plugins/*/*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]+\]\((?P<target>[^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_that_exist(page: Path) -> None:
    targets = [found["target"].partition("#")[0] for found in LINK.finditer(page.read_text(encoding="utf-8"))]
    inside = [target for target in targets if target and "://" not in target]

    assert [target for target in inside if not (page.parent / target).exists()] == []


def test_the_tutorial_shows_every_file_of_the_project_as_it_stands() -> None:
    # A page shows no byte-order mark.
    files = {file: path.read_text(encoding="utf-8-sig") for file, path in project_files(STRANGER).items()}

    assert tutorial() == files


def test_the_tutorials_plugin_is_no_longer_than_a_page_can_hold() -> None:
    assert sum(len(code.splitlines()) for file, code in tutorial().items() if file.endswith(".py")) <= 150


def _changelog() -> dict[str, list[str]]:
    """The lines below each heading of the changelog."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    return {
        heading: [line for line in body.splitlines() if line]
        for heading, body in zip(sections[::2], sections[1::2], strict=True)
    }


def test_the_changelog_begins_with_what_is_not_released_and_then_goes_back_in_time() -> None:
    unreleased, *released = _changelog()
    dated = [re.fullmatch(r"(\d+\.\d+\.\d+) \((\d{4}-\d\d-\d\d)\)", heading) for heading in released]
    versions = [(tuple(map(int, match[1].split("."))), match[2]) for match in dated if match]

    assert unreleased == "Unreleased"
    assert None not in dated
    assert versions == sorted(versions, reverse=True)


def test_the_newest_version_of_the_changelog_is_that_of_every_distribution() -> None:
    newest = [*_changelog()][1].partition(" ")[0]
    projects = [*ROOT.glob("*/pyproject.toml"), *ROOT.glob("plugins/*/pyproject.toml")]

    declared = [tomllib.loads(path.read_text())["project"] for path in projects]
    wanted = [Requirement(line) for one in declared for line in one["dependencies"]]

    assert {one["version"] for one in declared} == {newest}
    assert bilan.__version__ == newest
    assert [line for line in wanted if line.name == "bilan" and newest not in line.specifier] == []


def test_every_section_of_the_changelog_is_a_list_and_no_entry_stands_twice() -> None:
    everything = [entry for entries in _changelog().values() for entry in entries]

    assert len(everything) == len(set(everything))
    for heading, entries in _changelog().items():
        assert entries, heading
        assert [line for line in entries if not line.startswith(("- ", "  "))] == []


def test_decision_notes_are_numbered_without_holes_and_titled_with_their_number() -> None:
    notes = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    titles = [note.read_text(encoding="utf-8").partition("\n")[0] for note in notes]

    assert [note.name[:4] for note in notes] == [f"{number:03d}-" for number in range(1, len(notes) + 1)]
    assert [title[:7] for title in titles] == [f"# {note.name[:3]}: " for note in notes]


def test_every_decision_note_is_named_by_what_it_explains_and_every_note_that_is_named_exists() -> None:
    code = [ROOT / name for name in ("Makefile", "pyproject.toml", "requirements-dev.txt", "mkdocs.yml")]
    for suffix in ("py", "css", "js"):
        code += [
            path
            for part in ("server", "ui", "plugins", "tests")
            for path in ROOT.glob(f"{part}/**/*.{suffix}")
        ]
    named = {
        number for path in code for number in re.findall(r"docs/decisions/(\d{3})", path.read_text("utf-8"))
    }

    assert named == {note.name[:3] for note in (DOCS / "decisions").glob("[0-9]*.md")}


def test_every_requirement_that_a_test_names_exists() -> None:
    known = set(re.findall(r"^\| \**([A-Z]{2}-\d{2})", (DOCS / "requirements.md").read_text(), re.MULTILINE))
    named = {
        name
        for path in (ROOT / "tests").rglob("*.py")
        for marked in re.findall(r"mark\.requirement\(([^)]*)\)", path.read_text(encoding="utf-8"))
        for name in re.findall(r"[A-Z]{2}-\d+", marked)
    }

    assert named - known == set()
    assert {"BZ-10", "GO-14", "GO-17"} <= known


def test_every_area_of_the_server_is_in_the_house_guide() -> None:
    guide = (DOCS / "house.md").read_text(encoding="utf-8")
    areas = {path.stem for path in (ROOT / "server" / "bilan").iterdir() if not path.name.startswith("_")}

    assert {area for area in areas - {"migrations", "locale"} if f"`{area}`" not in guide} == set()


def test_the_house_guide_tells_the_layers_that_the_linter_holds() -> None:
    held = [name.strip() for line in _contract("layers")["layers"] for name in line.split("|")]
    guide = (DOCS / "house.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[\w`, ]+`) \|", guide.partition("## The layers")[2], re.MULTILINE)
    told = [name.strip("` ") for row in rows for name in row.split(",")]

    assert told[: len(held)] == held


def _contract(kind: str) -> dict[str, Any]:
    """The first contract of this kind."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    return next(one for one in tools["importlinter"]["contracts"] if one["type"] == kind)


def test_every_library_in_use_is_held_to_a_version() -> None:
    held = {_plain(line.partition("==")[0]) for line in (ROOT / "constraints.txt").read_text().splitlines()}
    projects = [*ROOT.glob("*/pyproject.toml"), *ROOT.glob("plugins/*/pyproject.toml")]
    wanted = [tomllib.loads(path.read_text())["project"]["name"] for path in projects]
    development = (ROOT / "requirements-dev.txt").read_text().splitlines()
    names = set(_needed([*wanted, *(line for line in development if line and not line.startswith("#"))]))

    assert {name for name in names if name not in held and not name.startswith("bilan")} == set()


def test_constraints_are_names_and_versions_alone() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()

    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[\w.!+]+", line)] == []


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _needed(wanted: list[str]) -> Iterator[str]:
    """The distributions that these requirements bring, on this machine."""
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(line) for line in wanted]
    while waiting:
        requirement = waiting.pop()
        key = (_plain(requirement.name), frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        try:
            distribution(requirement.name)
        except PackageNotFoundError:
            continue
        yield key[0]
        environments = [{"extra": extra} for extra in (requirement.extras or {""})]
        waiting += [
            inner
            for line in requires(requirement.name) or []
            if (inner := Requirement(line)).marker is None
            or any(inner.marker.evaluate(environment) for environment in environments)
        ]
