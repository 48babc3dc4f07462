"""Tables of a connector: Facebook pages, Instagram accounts, LinkedIn pages, YouTube channels."""
