"""Texts of posts, without their markup."""

from __future__ import annotations

import lxml.html


def plain_text(markup: str) -> str:
    """The text of HTML that holds paragraphs, line breaks, links and spans, such as Mastodon sends it."""
    if not markup.strip():
        return ""
    tree = lxml.html.fragment_fromstring(markup, create_parent=True)
    for element in tree.iter("br", "p"):
        element.tail = ("\n" if element.tag == "br" else "\n\n") + (element.tail or "")
    return str(tree.text_content()).strip()
