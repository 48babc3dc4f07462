"""Names of the schema, made from the keys that plugins declare."""

from __future__ import annotations


def pascal(*parts: str) -> str:
    """``email``, ``unique_opens`` → ``EmailUniqueOpens``."""
    words = [word for part in parts for word in part.replace(".", "_").split("_") if word]
    return "".join(word[0].upper() + word[1:] for word in words)


def camel(name: str) -> str:
    """``unique_opens`` → ``uniqueOpens``."""
    whole = pascal(name)
    return whole[:1].lower() + whole[1:]


def local(key: str) -> str:
    """The key without its namespace."""
    return key.partition(".")[2]


def enum_name(name: str) -> str:
    """``unique_opens`` → ``UNIQUE_OPENS``."""
    return name.replace(".", "_").upper()
