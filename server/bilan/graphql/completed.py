"""Values that are whole with all below them, which the executor hands on. See docs/decisions/061."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import GraphQLResolveInfo
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from bilan.graphql.context import Info


@dataclass(frozen=True, slots=True)
class Completed:
    """What a field comes to, with everything selected below it: plain JSON values, or ``msgspec.Raw``."""

    value: Any


def completed_field(type_: Any, description: str) -> Any:
    """A field of an object that has its values in ``completed``, by their names in the response.

    Each use of the field has a selection of its own, under its name.
    """

    def resolve(root: Any, info: Info) -> Completed:
        return root.completed[info._raw_info.path.key]

    return strawberry.field(resolver=resolve, graphql_type=type_, description=description)


class Executor(StrawberryGraphQLCoreExecutionContext):
    """An executor that calls no resolver below a ``Completed``."""

    def complete_value(
        self,
        return_type: Any,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        if type(result) is Completed:
            return result.value
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)
