"""The typed catalogue: each dataset a field, each metric a field of its rows, each filter an input."""
