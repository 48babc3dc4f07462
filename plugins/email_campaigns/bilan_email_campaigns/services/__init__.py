"""Statistics that e-mail services are asked for, by their APIs."""
