"""Reports in GraphQL: kinds, saved definitions, runs, documents and files."""
