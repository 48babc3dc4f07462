"""What a bare machine lacks is said in a sentence before anything is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs that stands for a machine's; it has a shell's own tools and no Python."""
    programs = tmp_path / "bin"
    programs.mkdir()
    add(programs, "df", "echo header; echo 'disk 1 1 9000000 1 /'")
    (programs / "awk").symlink_to(shutil.which("awk") or "")
    return programs


def add(machine: Path, name: str, script: str) -> None:
    program = machine / name
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


def make_venv(machine: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(ROOT / "scripts" / "venv"), str(machine.parent / "venv")],
        check=False,
        cwd=machine.parent,
        env={"PATH": str(machine), **environment},
        capture_output=True,
        text=True,
    )


OLD = 'case "$2" in *version_info*) exit 1;; esac'
BARE = 'case "$2" in *ensurepip*) exit 1;; esac'
WHOLE = 'test "$1" != -m || echo "$0 $*"'


def test_without_python_it_says_what_to_install(machine: Path) -> None:
    finished = make_venv(machine)

    assert finished.returncode == 1
    assert finished.stderr == "Bilan needs Python 3.11 or later: apt-get install python3 python3-venv\n"


def test_an_old_python_is_passed_over(machine: Path) -> None:
    add(machine, "python3", OLD)
    assert "needs Python 3.11" in make_venv(machine).stderr

    add(machine, "python3.12", WHOLE)
    assert make_venv(machine).stdout == f"{machine}/python3.12 -m venv {machine.parent}/venv\n"


def test_a_python_without_venv_is_named_unless_another_has_it(machine: Path) -> None:
    add(machine, "python3", BARE)
    bare = make_venv(machine)
    assert bare.returncode == 1
    assert bare.stderr == "python3 cannot make virtual environments: apt-get install python3-venv\n"

    add(machine, "python3.13", WHOLE)
    assert make_venv(machine).returncode == 0


def test_too_little_disk_is_said_with_both_numbers(machine: Path) -> None:
    add(machine, "python3", WHOLE)
    add(machine, "df", "echo header; echo 'disk 1 1 900000 1 /'")

    finished = make_venv(machine)

    assert finished.returncode == 1
    assert finished.stderr == "The libraries take about 2000 MB of disk, and only 878 MB are free here.\n"
    assert finished.stdout == ""


def test_the_python_that_somebody_names_is_taken(machine: Path) -> None:
    add(machine, "python3", WHOLE)
    add(machine, "snake", WHOLE)

    assert make_venv(machine, PYTHON="snake").stdout.startswith(f"{machine}/snake -m venv")
