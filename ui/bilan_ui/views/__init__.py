"""The views: parse, call a service, show."""
