from __future__ import annotations

import io
import json
import logging
from collections.abc import Generator

import pytest
import structlog

from bilan import logs


@pytest.fixture(autouse=True)
def _restored() -> Generator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def test_json_lines_carry_time_level_logger_and_what_was_bound() -> None:
    stream = io.StringIO()
    logs.configure("json", stream)
    with logs.bound(job="run.step", run="R1"):
        structlog.get_logger("bilan.runs").info("step over", seconds=1.5)
    logging.getLogger("library").warning("outside %s", "now", extra={"attempt": 2})
    inside, outside = (json.loads(line) for line in stream.getvalue().splitlines())
    assert inside.pop("timestamp").endswith("Z")
    assert inside == {
        "event": "step over",
        "seconds": 1.5,
        "job": "run.step",
        "run": "R1",
        "level": "info",
        "logger": "bilan.runs",
    }
    assert (outside["event"], outside["attempt"], "job" in outside) == ("outside now", 2, False)


def test_a_traceback_stays_on_its_json_line() -> None:
    stream = io.StringIO()
    logs.configure("json", stream)
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError:
        structlog.get_logger("bilan").exception("failed")
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["exception"][0]["exc_value"] == "by nothing"


def test_a_traceback_does_not_tell_what_variables_held() -> None:
    stream = io.StringIO()
    logs.configure("json", stream)
    password = "the longest word".swapcase()
    try:
        raise ZeroDivisionError(f"with {len(password)} signs")
    except ZeroDivisionError:
        structlog.get_logger("bilan").exception("failed")
    assert "with 16 signs" in stream.getvalue()
    assert password not in stream.getvalue()


def test_text_is_for_people_and_without_colours_where_nobody_sees_them() -> None:
    stream = io.StringIO()
    logs.configure("text", stream)
    structlog.get_logger("bilan").info("inbox drained", posts=3)
    assert "inbox drained" in stream.getvalue()
    assert "posts=3" in stream.getvalue()
    assert "\x1b[" not in stream.getvalue()


def test_chatter_is_left_out() -> None:
    stream = io.StringIO()
    logs.configure("json", stream)
    structlog.get_logger("bilan").debug("detail")
    logging.getLogger("uvicorn.access").info("GET /hooks/secret-address")
    assert stream.getvalue() == ""
