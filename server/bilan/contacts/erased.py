"""The erased contacts of each source's workspace, known by keyed hashes. See docs/decisions/111."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from bilan.catalog.statements import rows
from bilan.contacts.addresses import normal, pseudonym
from bilan.contacts.models import ContactRulesRow
from bilan.contacts.values import Reimport
from bilan.seal import Seal

LIST = """
SELECT source.id AS source, rules.workspace AS workspace, rules.reimport AS reimport,
       rules.sealed_key AS sealed_key, erasure.pseudonym AS pseudonym
FROM contact_erasure AS erasure
JOIN contact_rules AS rules ON rules.workspace = erasure.workspace
JOIN source ON source.workspace_id = erasure.workspace
"""
MENTION = re.compile(r"[^\s\"'<>,;:=()\[\]{}|&?]+@[^\s\"'<>,;:=()\[\]{}|&?]+|\+?\d[\d\s().\-]{5,}\d")
"""What may be an address in a text that could not be read."""


@dataclass(frozen=True, slots=True)
class ErasedWorkspace:
    """Those of one workspace: the key of its pseudonyms, and the pseudonyms of the erased."""

    key: str
    reimport: Reimport
    pseudonyms: frozenset[str]


@dataclass(frozen=True, slots=True)
class ErasedContacts:
    """Whom facts may not name, by source. Nobody, without any."""

    workspaces: Mapping[UUID, ErasedWorkspace] = field(default_factory=dict[UUID, ErasedWorkspace])

    def of(self, source: UUID, contact: object) -> str | None:
        """The pseudonym of a contact of this source that was erased; ``None`` for everybody else."""
        known = self.workspaces.get(source)
        if known is None or not isinstance(contact, str) or not contact:
            return None
        found = pseudonym(known.key, normal(contact))
        return found if found in known.pseudonyms else None

    def refuses(self, source: UUID) -> bool:
        """Whether facts about them are refused, and not anonymised."""
        known = self.workspaces.get(source)
        return known is not None and known.reimport is Reimport.REFUSE

    def opaque(self, source: UUID, text: str) -> str:
        """What stands in the place of another text that leads to an erased contact."""
        return pseudonym(self.workspaces[source].key, text)

    def mentioned(self, source: UUID, text: object) -> bool:
        """Whether a text names one of them, as far as addresses can be told in it."""
        return isinstance(text, str) and self.replaced(source, text) != text

    def replaced(self, source: UUID, text: str) -> str:
        """The text with pseudonyms in the places of those whom it names."""
        if source not in self.workspaces:
            return text
        return MENTION.sub(partial(self._instead, source), text)

    def _instead(self, source: UUID, found: re.Match[str]) -> str:
        address = found.group().strip(".")
        return found.group().replace(address, self.of(source, address) or address)


NOBODY = ErasedContacts()


class ErasedList:
    """Reads the list, and makes the key of a workspace's pseudonyms."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    async def load(self) -> ErasedContacts:
        """The list as it is now."""
        found: dict[UUID, ErasedWorkspace] = {}
        by_workspace: dict[str, ErasedWorkspace] = {}
        lists: dict[str, set[str]] = {}
        members: dict[str, set[UUID]] = {}
        for row in await rows(LIST):
            workspace = str(row["workspace"])
            if workspace not in by_workspace:
                key = self._seal.open(row["sealed_key"])
                by_workspace[workspace] = ErasedWorkspace(key, Reimport(row["reimport"]), frozenset())
            lists.setdefault(workspace, set()).add(row["pseudonym"])
            members.setdefault(workspace, set()).add(UUID(str(row["source"])))
        for workspace, one in by_workspace.items():
            known = ErasedWorkspace(one.key, one.reimport, frozenset(lists[workspace]))
            found |= dict.fromkeys(members[workspace], known)
        return ErasedContacts(found) if found else NOBODY

    async def key(self, workspace: UUID) -> str:
        """The key of the workspace's pseudonyms; the first who asks makes it."""
        fresh = ContactRulesRow(
            workspace=workspace,
            reimport=Reimport.ANONYMISE,
            sealed_key=self._seal.close(secrets.token_hex(32)),
        )
        await ContactRulesRow.bulk_create([fresh], ignore_conflicts=True)
        return self._seal.open((await ContactRulesRow.get(workspace=workspace)).sealed_key)
