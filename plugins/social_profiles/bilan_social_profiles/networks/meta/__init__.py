"""Facebook pages and Instagram professional accounts, from Meta's Graph API."""
