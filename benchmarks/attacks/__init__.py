"""What strangers and careless people can do to a server, and what everybody else sees meanwhile."""
