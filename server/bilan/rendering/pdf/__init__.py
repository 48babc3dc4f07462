"""The PDF format: a document becomes plain data, a template sets it, pypdf locks it.

Everything is formatted here, in Python, by the context's formatter; the template
decides where things stand. Data reaches it as JSON and is never run.
"""
