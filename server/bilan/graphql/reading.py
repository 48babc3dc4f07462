"""Queries are read away from the event loop, once, and only where reading them cannot take long.

Three things make the validation of a short text take long: fields of one
response name, each of which is compared with every other; fragments that
spread others twice, which are unfolded; and fragments that lead back to
themselves. All three are counted first, in one go through the text.
See docs/decisions/075.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import validate_document

if TYPE_CHECKING:
    from graphql import GraphQLSchema

MAX_TOKENS = 2_000
MAX_FIELDS = 5_000
"""Fields of all operations of a text, with its fragments unfolded."""
MAX_COMPARED = 40_000
"""The squares of how often each response name stands among these, added up."""
SPREAD = "..."
KEPT = 256
KEPT_LENGTH = 20_000
"""Characters of the longest text that is remembered: one word of it may be as long as a request."""
THREADS = 2


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """A text, parsed, and what is wrong with it."""

    document: DocumentNode
    errors: tuple[GraphQLError, ...]


class QueryReader:
    """Reads the texts of a schema, the latest of which it remembers."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="bilan-graphql")
        self._known: OrderedDict[str, ReadQuery] = OrderedDict()

    async def read(self, schema: GraphQLSchema, text: str, rules: Sequence[Any]) -> ReadQuery:
        """The text, parsed and validated. Raises ``GraphQLError`` where it is no GraphQL."""
        if (known := self._known.get(text)) is not None:
            self._known.move_to_end(text)
            return known
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, read, schema, text, rules)
        if len(text) <= KEPT_LENGTH:
            self._known[text] = found
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return found


class ReadingExtension(SchemaExtension):
    """Hands what was read to whoever executes it."""

    def __init__(self, reader: QueryReader) -> None:
        super().__init__()
        self._reader = reader
        self._errors: tuple[GraphQLError, ...] = ()

    async def on_parse(self) -> AsyncIterator[None]:
        """Parse and validate in one go."""
        execution = self.execution_context
        if execution.query and execution.graphql_document is None:
            found = await self._reader.read(
                execution.schema._schema, execution.query, execution.validation_rules
            )
            execution.graphql_document, self._errors = found.document, found.errors
        yield

    def on_validate(self) -> Iterator[None]:
        """What is wrong with it, which keeps it from being validated once more."""
        execution = self.execution_context
        execution.pre_execution_errors = [*(execution.pre_execution_errors or ()), *self._errors]
        yield


def read(schema: GraphQLSchema, text: str, rules: Sequence[Any]) -> ReadQuery:
    """The text, parsed and validated. Blocking. Raises ``GraphQLError`` where it is no GraphQL."""
    try:
        document = parse(text, max_tokens=MAX_TOKENS)
        if (excess := excess_of(document)) is not None:
            return ReadQuery(document, (excess,))
        return ReadQuery(document, tuple(validate_document(schema, document, tuple(rules))))
    except RecursionError:
        raise GraphQLError("The query is nested too deep.") from None


def excess_of(document: DocumentNode) -> GraphQLError | None:
    """Why the text would take long to validate, if it would."""
    fragments = {
        one.name.value: one.selection_set
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
    unfolding = _Unfolding(fragments)
    try:
        total = Counter[str]()
        for one in document.definitions:
            if isinstance(one, OperationDefinitionNode):
                total.update(unfolding.names(one.selection_set))
        # Fragments that nothing spreads are validated, too.
        for name in fragments:
            if name not in unfolding.used:
                total.update(unfolding.of_fragment(name))
    except GraphQLError as error:
        return error
    if total.total() > MAX_FIELDS:
        return _too_many_fields()
    del total[SPREAD]
    if sum(count * count for count in total.values()) > MAX_COMPARED:
        name, count = total.most_common(1)[0]
        return GraphQLError(f"The query names too many fields alike: {name} stands there {count} times.")
    return None


class _Unfolding:
    """How often each response name stands below a selection, fragments unfolded. Each is counted once."""

    def __init__(self, fragments: dict[str, SelectionSetNode]) -> None:
        self._fragments = fragments
        self._counted: dict[str, Counter[str]] = {}
        self._inside: set[str] = set()
        self.used: set[str] = set()

    def names(self, selection_set: SelectionSetNode | None) -> Counter[str]:
        found = Counter[str]()
        for one in selection_set.selections if selection_set else ():
            if isinstance(one, FragmentSpreadNode):
                self.used.add(one.name.value)
                # An empty fragment, too, is gone through wherever it is spread.
                found[SPREAD] += 1
                found.update(self.of_fragment(one.name.value))
                continue
            if isinstance(one, FieldNode):
                found[(one.alias or one.name).value] += 1
            found.update(self.names(getattr(one, "selection_set", None)))
        if found.total() > MAX_FIELDS:
            raise _too_many_fields()
        return found

    def of_fragment(self, name: str) -> Counter[str]:
        if name in self._inside:
            raise GraphQLError(f"The fragment {name} leads back to itself.")
        if name not in self._counted:
            self._inside.add(name)
            self._counted[name] = self.names(self._fragments.get(name))
            self._inside.discard(name)
        return self._counted[name]


def _too_many_fields() -> GraphQLError:
    return GraphQLError(f"The query selects more than {MAX_FIELDS} fields.")
