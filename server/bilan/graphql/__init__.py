"""The GraphQL schema: assembled in :mod:`bilan.graphql.schema`, one module an area."""
