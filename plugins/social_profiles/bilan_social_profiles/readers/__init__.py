"""Files of social profiles: tables of connectors, exports of scheduling tools, and any other table."""
