"""What every file store does, on a folder and in memory."""

import hashlib
import os
import tracemalloc
from collections.abc import Generator, Iterator
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bilan.files import Files, Stored
from bilan.sdk.errors import Invalid, NotFound, Unavailable
from support.long import times
from support.s3 import Bucket, bucket

HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
"""The SHA-256 of ``hello``, from coreutils' sha256sum."""


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Generator[Bucket]:
    """A bucket, with the environment that leads to it."""
    with bucket() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_REGION", "eu-west-3")
        yield server


@pytest.fixture(params=["file", "memory", "s3"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    if request.param == "s3":
        request.getfixturevalue("s3")
        return Files("s3://bucket/bilan")
    return Files("memory:///" if request.param == "memory" else (tmp_path / "kept").as_uri())


async def test_a_file_is_addressed_by_the_sha256_of_its_bytes(files: Files):
    assert await files.put(b"hello") == Stored(HELLO, 5)
    assert await files.read(HELLO) == b"hello"


async def test_bytes_a_path_and_an_iterator_of_the_same_content_are_one_file(files: Files, tmp_path: Path):
    path = tmp_path / "hello.txt"
    path.write_bytes(b"hello")
    assert await files.put(b"hello") == await files.put(path) == await files.put(iter([b"he", b"", b"llo"]))


async def test_putting_the_same_bytes_twice_changes_nothing(tmp_path: Path):
    files = Files(tmp_path.as_uri())
    await files.put(b"hello")
    kept = tmp_path / HELLO[:2] / HELLO
    before = kept.stat()
    await files.put(b"hello")
    assert (kept.stat().st_ino, kept.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


async def test_an_iterator_that_breaks_off_leaves_nothing_behind(tmp_path: Path):
    def broken() -> Iterator[bytes]:
        yield b"x" * 3_000_000
        raise RuntimeError("the sender went away")

    files = Files((tmp_path / "kept").as_uri())
    with pytest.raises(RuntimeError, match="went away"):
        await files.put(broken())
    assert [path for path in (tmp_path / "kept").rglob("*") if path.is_file()] == []


async def test_a_reader_never_sees_a_file_before_all_of_it_is_there(tmp_path: Path):
    files = Files(tmp_path.as_uri())
    content = os.urandom(40_000_000)
    sha256 = hashlib.sha256(content).hexdigest()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(files.put, content)
        while not await files.exists(sha256):  # noqa: ASYNC110 - the moment it shows is what is watched
            await anyio.sleep(0.001)
        assert await files.size(sha256) == 40_000_000


@settings(max_examples=times(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chunks=st.lists(st.binary(max_size=100)))
def test_what_went_in_comes_out(files: Files, chunks: list[bytes]):
    stored = files.put_blocking(iter(chunks))
    whole = b"".join(chunks)
    assert stored == Stored(hashlib.sha256(whole).hexdigest(), len(whole))
    assert b"".join(files.open(stored.sha256)) == whole


async def test_a_large_file_passes_through_little_memory(tmp_path: Path):
    files = Files((tmp_path / "kept").as_uri())
    tracemalloc.start()
    try:
        stored = await files.put(bytes([n % 256]) * 1_000_000 for n in range(50))
        read = await anyio.to_thread.run_sync(
            lambda: [(len(chunk), max(chunk)) for chunk in files.open(stored.sha256)]
        )
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(length for length, _byte in read) == stored.size == 50_000_000
    assert peak < 16_000_000


async def test_a_file_can_be_read_in_chunks_on_the_event_loop(files: Files):
    stored = await files.put(b"ab" * 2_000_000)
    sizes = [len(chunk) async for chunk in files.stream(stored.sha256)]
    assert sum(sizes) == await files.size(stored.sha256) == 4_000_000


async def test_a_deleted_file_is_gone_and_deleting_it_again_does_nothing(files: Files):
    await files.put(b"hello")
    await files.delete(HELLO)
    await files.delete(HELLO)
    assert not await files.exists(HELLO)
    for reading in (files.size(HELLO), files.read(HELLO)):
        with pytest.raises(NotFound, match=f"The file {HELLO} is no longer kept"):
            await reading
    with pytest.raises(NotFound):
        files.open(HELLO)


def test_a_file_can_be_lent_out_as_a_path(files: Files):
    files.put_blocking(b"hello")
    with files.local(HELLO) as path:
        assert path.read_bytes() == b"hello"
    with pytest.raises(NotFound), files.local("0" * 64):
        pytest.fail("there is no such file")
    assert b"".join(files.open(HELLO)) == b"hello"


async def test_a_file_in_a_bucket_lies_below_its_prefix_and_large_ones_go_in_parts(s3: Bucket):
    files = Files("s3://bucket/bilan")
    await files.put(b"hello")
    assert s3.objects == {f"/bucket/bilan/{HELLO[:2]}/{HELLO}": b"hello"}
    content = os.urandom(12_000_000)
    stored = await files.put(iter([content[:7_000_000], content[7_000_000:]]))
    assert s3.objects[f"/bucket/bilan/{stored.sha256[:2]}/{stored.sha256}"] == content


async def test_a_bucket_that_does_not_answer_is_said_to(s3: Bucket, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(Unavailable, match="The file store does not answer"):
        await Files("s3://bucket").put(b"hello")


def test_a_place_that_is_none_is_refused_with_what_would_be_right():
    with pytest.raises(Invalid, match=r"ftp://example.org is no place for files\. Use file:///folder"):
        Files("ftp://example.org")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(Unavailable, match="taken/files"):
        Files((tmp_path / "taken" / "files").as_uri())
