"""The outgoing webhook: a report's finding, leading figures and links, posted to a chat or a program."""
