"""A fault run: processes that send what schedules say are killed, and the mail server misbehaves."""
