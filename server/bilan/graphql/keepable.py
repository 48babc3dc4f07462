"""Which answers may be kept: those without errors that are made of figures and facts alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_operation_ast,
)
from strawberry.extensions import SchemaExtension

Fields = Mapping[str, frozenset[str]]
"""The fields of the query that hold datasets, each with those of its fields that do."""
TYPENAME = "__typename"


class KeepableExtension(SchemaExtension):
    """Takes back that an answer can be kept where it has errors, or something beside datasets in it."""

    def __init__(self, datasets: Fields) -> None:
        self._datasets = datasets

    def on_operation(self) -> Iterator[None]:
        yield
        execution = self.execution_context
        ingredients = execution.context.ingredients
        if ingredients is None:
            return
        result, document = execution.result, execution.graphql_document
        whole = result is not None and not getattr(result, "errors", None)
        ingredients.keepable = (
            ingredients.keepable
            and whole
            and document is not None
            and of_datasets_alone(document, execution.operation_name, self._datasets)
        )


def of_datasets_alone(document: DocumentNode, operation_name: str | None, datasets: Fields) -> bool:
    """Whether an operation selects nothing but datasets, whatever its directives say."""
    operation = get_operation_ast(document, operation_name)
    if not isinstance(operation, OperationDefinitionNode) or operation.operation is not OperationType.QUERY:
        return False
    fragments = {
        one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
    }
    for root in _fields(operation.selection_set, fragments):
        if root.name.value == TYPENAME:
            continue
        below = {field.name.value for field in _fields(root.selection_set, fragments)} - {TYPENAME}
        if root.name.value not in datasets or not below <= datasets[root.name.value]:
            return False
    return True


def _fields(
    selections: SelectionSetNode | None, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[FieldNode]:
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, FragmentSpreadNode):
            yield from _fields(fragments[node.name.value].selection_set, fragments)
        else:
            yield from _fields(node.selection_set, fragments)  # type: ignore[attr-defined]
