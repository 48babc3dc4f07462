"""From a webhook's post or a file to rows of the warehouse, without losing or doubling one."""
