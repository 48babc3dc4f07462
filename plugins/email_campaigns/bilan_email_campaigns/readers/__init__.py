"""How files are read, one module a kind of file."""
