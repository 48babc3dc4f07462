"""Posts of strangers to an address they know, without the key to sign them."""

from __future__ import annotations

from benchmarks.attacks.target import Target, attack

FORM = {"Content-Type": "multipart/form-data; boundary=B"}
PART = b'Content-Disposition: form-data; name="a"\r\n\r\nx\r\n--B\r\n'


@attack("1", "unsigned forms of 60,000 parts (3 MB) to a Mailgun address, 4 at once")
def forms_of_many_parts(target: Target) -> None:
    """Parsed part by part on the event loop, one of them stopped the server for a minute."""
    body = b"--B\r\n" + PART * 60_000
    target.until_over(4, lambda: target.ask("POST", target.mailgun, body, FORM))


@attack("1", "unsigned forms of 10 MB to a Mailgun address, 4 at once")
def forms_too_large(target: Target) -> None:
    """More than the kind takes."""
    body = b"--B\r\n" + PART * (10_000_000 // len(PART))
    target.until_over(4, lambda: target.ask("POST", target.mailgun, body, FORM))


@attack("1", "unsigned JSON of 4 MB of brackets to a Mailgun address, 4 at once")
def brackets(target: Target) -> None:
    """Each of them is a list of its own."""
    body = b"[" + b"[]," * 1_390_000 + b"[]]"
    headers = {"Content-Type": "application/json"}
    target.until_over(4, lambda: target.ask("POST", target.mailgun, body, headers))


@attack("1", "strangers who try addresses of buttons, with 1,000 parameters each, 16 at once")
def addresses_of_buttons(target: Target) -> None:
    """Each would be looked for in the warehouse, were the buttons not read together."""
    query = "&".join(f"utm_source{number}=x" for number in range(1_000))
    target.until_over(16, lambda: target.ask("GET", f"/plugins/whatsapp/go/BCDFGHJK?{query}"))
