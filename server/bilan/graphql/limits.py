"""How much one request may ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from graphql import GraphQLError, OperationDefinitionNode
from strawberry.extensions import (
    AddValidationRules,
    MaxAliasesLimiter,
    QueryDepthLimiter,
    SchemaExtension,
)

from bilan.graphql.reading import QueryReader, ReadingExtension

MAX_DEPTH = 12
MAX_ALIASES = 30
MAX_VALUES = 5_000
"""Values among the variables of one request, lists and objects too: each is checked against its type."""
MAX_COST = 1_000
"""The budget of one request."""
QUESTION_COST = 50
"""What one question to the warehouse takes from it."""
MAX_ROWS = 10_000
"""How many rows one question gives at most."""
PAGE_COST = 10
"""What one page of a list takes from it."""


class OneOperation(SchemaExtension):
    """Refuses a request of several operations that does not name the one to run."""

    def on_validate(self) -> Iterator[None]:
        execution = self.execution_context
        definitions = execution.graphql_document.definitions if execution.graphql_document else ()
        operations = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
        # Its public twin answers with the name of the first operation.
        if len(operations) > 1 and execution._provided_operation_name is None:
            names = ", ".join(one.name.value for one in operations if one.name)
            reason = f"There are several operations; say in operationName which one is to run: {names}."
            execution.pre_execution_errors = [*(execution.pre_execution_errors or ()), GraphQLError(reason)]
        yield


class FewVariables(SchemaExtension):
    """Refuses a request whose variables are so many that checking them would hold up everybody."""

    def on_validate(self) -> Iterator[None]:
        execution = self.execution_context
        if _is_more_than(MAX_VALUES, execution.variables):
            excess = GraphQLError(f"The variables have more than {MAX_VALUES} values.")
            execution.pre_execution_errors = [*(execution.pre_execution_errors or ()), excess]
        yield


def _is_more_than(most: int, variables: object) -> bool:
    waiting, counted = [variables], 0
    while waiting and counted <= most:
        counted += 1
        match waiting.pop():
            case dict() as held:
                waiting += held.values()
            case list() as held:
                waiting += held
            case _:
                pass
    return counted > most


def extensions() -> list[type[SchemaExtension] | Callable[[], SchemaExtension]]:
    """The limits that can be told from the text of a query, and what reads it."""
    reader = QueryReader()
    depth, aliases = QueryDepthLimiter(MAX_DEPTH), MaxAliasesLimiter(MAX_ALIASES)
    rules = [*depth.validation_rules, *aliases.validation_rules]
    return [
        lambda: AddValidationRules(rules),
        lambda: ReadingExtension(reader),
        FewVariables,
        OneOperation,
    ]
