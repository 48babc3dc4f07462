"""A report as an e-mail, and the way it goes: to a mail server, or into the outbox."""
