"""Bodies that are too large, and files that are larger than they look."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

from benchmarks.attacks.target import Target, attack

MEGABYTE = 1_000_000


@attack("4", "a stranger's upload of 200 MB to the sign-in page, 4 at once")
def uploads_to_the_sign_in_page(target: Target) -> None:
    """Files are spooled to the disk before anybody looks at them."""
    head = b'--B\r\nContent-Disposition: form-data; name="email"; filename="x"\r\n\r\n'
    headers = {
        "Content-Type": "multipart/form-data; boundary=B",
        "Sec-Fetch-Site": "same-origin",
        "Content-Length": str(len(head) + 200 * MEGABYTE),
    }

    def pieces() -> Iterator[bytes]:
        yield head
        for _piece in range(200):
            yield b"x" * MEGABYTE

    target.until_over(4, lambda: target.ask("POST", "/sign-in", pieces(), headers))


@attack("4", "the same in chunks, without a length")
def uploads_in_chunks(target: Target) -> None:
    """Only what comes can be counted."""
    head = b'--B\r\nContent-Disposition: form-data; name="email"; filename="x"\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=B", "Sec-Fetch-Site": "same-origin"}

    def pieces() -> Iterator[bytes]:
        yield head
        for _piece in range(200):
            yield b"x" * MEGABYTE

    target.until_over(4, lambda: target.ask("POST", "/sign-in", pieces(), headers))


@attack("4", "imports of 1.8 MB of gzip that unpack to one line of 1.8 GB")
def a_packed_line(target: Target) -> None:
    """Held in memory whole, it is the end of the server."""
    path = target.folder / "line.csv.gz"
    path.write_bytes(gzip.compress(b"x" * MEGABYTE) * 1_800)
    _import_until_over(target, path)


@attack("4", "imports of a table of 10,000 columns")
def ten_thousand_columns(target: Target) -> None:
    """Its page had 14 MB."""
    path = target.folder / "wide.csv"
    names = [f"column {number}" for number in range(10_000)]
    path.write_text("\n".join(",".join(names) for _row in range(20)), encoding="utf-8")
    _import_until_over(target, path)


@attack("4", "imports of a workbook of two cells in opposite corners")
def a_workbook_of_two_corners(target: Target) -> None:
    """All between them is 17 thousand million cells."""
    path = target.folder / "corners.xlsx"
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "event")
        sheet.write(1_048_575, 16_383, "click")
    _import_until_over(target, path)


def _import_until_over(target: Target, path: Path) -> None:
    """Import it again and again; the sentence by which it is refused is what comes of it."""
    while target.going():
        try:
            target.product.command("import", "--source", "Files", "--dry-run", str(path))
        except RuntimeError as error:
            target.got[str(error).rpartition(": ")[2][:70]] += 1
        else:
            target.got["taken"] += 1
        target.over.wait(0.5)
