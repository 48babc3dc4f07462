"""What the server answers over HTTP besides GraphQL and pages: webhooks, health, metrics."""
