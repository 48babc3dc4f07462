"""A letter's texts are encoded once but for the lines that are a recipient's own, as the library would."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP

from hypothesis import example, given
from hypothesis import strategies as st

from bilan.delivery.email.encoded_text import EncodedText
from bilan.delivery.email.policy import POLICY

PLACE, OTHER = "https://bilan.test/links/abc-0-", "https://bilan.test/unsubscribe/abc-"
LINK = "https://bilan.test/links/" + "x" * 90
TEXTS = st.lists(
    st.one_of(
        st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"))),
        st.sampled_from(
            [PLACE, f"see {PLACE} = é", f"{OTHER}. {PLACE}", "=3D=", ".", "", "a " * 60, "خلاصة " * 9]
        ),
    ),
    min_size=1,
).map("\n".join)


def shown(part: bytes) -> str:
    """The text that a program shows of a part."""
    message = message_from_bytes(part, policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message.get_content()


@given(TEXTS)
@example(f"Bonjour,\n{PLACE}\nà bientôt")
def test_each_recipient_reads_the_text_with_their_own_links(text: str):
    encoded = EncodedText.of(text, "plain", (PLACE, OTHER))
    for link, other in (
        (LINK, "https://bilan.test/unsubscribe/one"),
        ("https://b.test/é", "https://b.test/"),
    ):
        mine = text.replace(PLACE, link).replace(OTHER, other)
        part = encoded.filled({PLACE: link, OTHER: other})
        lines = mine.removesuffix("\n").split("\n") if mine else []
        assert shown(part).replace("\r\n", "\n") == "".join(f"{line}\n" for line in lines)
        assert part.isascii()
        assert all(len(line) <= 78 for line in part.split(b"\r\n"))


def test_what_the_library_quotes_is_quoted_to_the_same_bytes():
    text = f"Réponse = 12 %\n{'mot ' * 40}\n{PLACE} é\n.\nfin"
    whole = MIMEPart(policy=POLICY)
    whole.set_content(text.replace(PLACE, LINK), subtype="html")
    assert EncodedText.of(text, "html", (PLACE,)).filled({PLACE: LINK}) == whole.as_bytes()
