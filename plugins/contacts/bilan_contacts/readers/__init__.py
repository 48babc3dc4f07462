"""Files of contacts, one module for each kind."""
