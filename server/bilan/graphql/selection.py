"""What a query really selects: fragments, aliases, ``@skip`` and ``@include`` followed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLResolveInfo,
    GraphQLSkipDirective,
    InlineFragmentNode,
)
from graphql.execution.values import VariableValues, get_directive_values

if TYPE_CHECKING:
    from graphql import SelectionNode, SelectionSetNode


class Selection:
    """The fields selected below one or more field nodes of the same response key."""

    def __init__(
        self, info: GraphQLResolveInfo[Any], nodes: list[FieldNode] | None = None, field: str = ""
    ) -> None:
        self._info = info
        self._nodes = nodes if nodes is not None else list(info.field_nodes)
        self.field = field or info.field_name
        """The schema's name of the field."""
        # Strawberry hands its resolvers the values alone, graphql-core reads directives with their container.
        given: Any = info.variable_values
        self._variables = given if isinstance(given, VariableValues) else VariableValues({}, given)

    def names(self) -> frozenset[str]:
        """The schema's names of the selected fields, whatever their aliases."""
        return frozenset(node.name.value for node in self._fields())

    def below(self, name: str) -> Selection:
        """What is selected below every selection of this field."""
        return Selection(self._info, [node for node in self._fields() if node.name.value == name], name)

    def by_response(self) -> dict[str, Selection]:
        """What is selected below each name of the response, in the response's order."""
        found: dict[str, list[FieldNode]] = {}
        for node in self._fields():
            found.setdefault((node.alias or node.name).value, []).append(node)
        return {key: Selection(self._info, nodes, nodes[0].name.value) for key, nodes in found.items()}

    def _fields(self) -> Iterator[FieldNode]:
        for node in self._nodes:
            if node.selection_set is not None:
                yield from self._walk(node.selection_set)

    def _walk(self, selections: SelectionSetNode) -> Iterator[FieldNode]:
        for node in selections.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                yield from self._walk(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                yield from self._walk(self._info.fragments[node.name.value].selection_set)

    def _included(self, node: SelectionNode) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not (skip and skip["if"]) and not (include and not include["if"])
