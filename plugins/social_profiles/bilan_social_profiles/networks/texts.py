"""Texts of posts: without their markup, and the hashtags in them."""

from __future__ import annotations

import re

import lxml.html

HASHTAG = re.compile(r"(?<![\w&/#])#(\w*[^\W\d_]\w*)")
"""A hashtag: a mark and a word that is no number alone."""


def plain_text(markup: str) -> str:
    """The text of HTML that holds paragraphs, line breaks, links and spans, such as Mastodon sends it."""
    if not markup.strip():
        return ""
    tree = lxml.html.fragment_fromstring(markup, create_parent=True)
    for element in tree.iter("br", "p"):
        element.tail = ("\n" if element.tag == "br" else "\n\n") + (element.tail or "")
    return str(tree.text_content()).strip()


def hashtags_in(text: str) -> list[str]:
    """The hashtags of a text in lower case, without the mark, each once and in order."""
    return hashtags(HASHTAG.findall(text))


def hashtags(words: list[str]) -> list[str]:
    """Words that are hashtags already, in lower case, without the mark, each once and in order."""
    return list(dict.fromkeys(word.removeprefix("#").lower() for word in words if word))
