"""Posts of services about contacts, one module for each."""
