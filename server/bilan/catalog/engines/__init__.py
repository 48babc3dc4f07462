"""Tortoise's engines, made safe for tasks that are cancelled and processes that share a database."""
