"""Bounces and complaints as mail servers write them: read from a mailbox, or posted."""
