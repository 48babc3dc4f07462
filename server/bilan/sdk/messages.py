"""Text that is translated when it is rendered, never when it is made."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from typing import Any, Union

import msgspec

MessageArgument = Union[str, int, float, None, "Message"]
Stored = Union[str, int, float, bool, None, "Message", list[Any]]
"""What an argument is read back as: messages inside messages stay messages."""


class _Plain(string.Formatter):
    """Fills placeholders with the arguments as they are, whatever unit they name."""

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ARG002
        return str(value)


_PLAIN = _Plain()


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """A sentence in English, the gettext domain that translates it, and its arguments.

    ``id`` is the English sentence with ``{name}`` placeholders; it is also what
    shows where a language has no translation. With ``plural``, ``args["count"]``
    chooses between the two. Numbers among the arguments are formatted for the
    reader's locale when the message is rendered; a placeholder may name the unit
    of its argument (``{rate:proportion}``, ``{last:date}``, ``{at:instant}``).
    """

    id: str
    domain: str = "bilan"
    args: dict[str, Stored] = {}
    plural: str | None = None

    def __str__(self) -> str:
        """The English text, for logs and for readers without a locale."""
        template = self.plural if self.plural is not None and self.args.get("count") != 1 else self.id
        arguments: Mapping[str, Any] = self.args
        return _PLAIN.vformat(template, (), arguments)

    def __hash__(self) -> int:
        return hash(
            (self.id, self.domain, self.plural, tuple(sorted((k, str(v)) for k, v in self.args.items())))
        )


def messages(domain: str) -> tuple[Callable[..., Message], Callable[..., Message]]:
    """The two markers of a domain: ``_("one {name}", name=…)`` and ``ngettext("one", "many", count=…)``.

    ``pybabel extract`` finds the sentences by these names.
    """

    def _(sentence: str, /, **args: MessageArgument) -> Message:
        return Message(sentence, domain, dict(args))

    def ngettext(one: str, many: str, /, count: int, **args: MessageArgument) -> Message:
        return Message(one, domain, {"count": count, **args}, many)

    return _, ngettext
