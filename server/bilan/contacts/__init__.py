"""Contacts: whose addresses were erased, and the forms in which an address stands in texts and files."""

from bilan.contacts.addresses import ContactAddress, read_address
from bilan.contacts.erased import ErasedContacts, ErasedList
from bilan.contacts.values import Erasure, Reimport

__all__ = ["ContactAddress", "ErasedContacts", "ErasedList", "Erasure", "Reimport", "read_address"]
