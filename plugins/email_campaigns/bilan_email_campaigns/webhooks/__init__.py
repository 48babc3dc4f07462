"""How the posts of sending services are checked and read, one module a service."""
