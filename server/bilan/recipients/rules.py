"""Rules of a workspace: which domains, which kinds of report, and what an external recipient gets first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bilan.accounts.policy import Action, require
from bilan.accounts.values import Principal
from bilan.recipients.domains import checked_domains
from bilan.recipients.models import RecipientRulesRow
from bilan.recipients.reading import read_rules
from bilan.recipients.values import Audience, FirstEmail, RecipientRules
from bilan.registry.declared import Registry


class Rules:
    """Shows and changes whom reports may go to."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def get(self, actor: Principal) -> RecipientRules:
        """The workspace's rules. Raises ``Forbidden``."""
        require(actor, Action.MANAGE_RECIPIENTS)
        return await read_rules(actor.workspace)

    async def change(
        self,
        actor: Principal,
        *,
        domains: Iterable[str],
        audiences: Mapping[str, Audience],
        first_email: FirstEmail,
    ) -> RecipientRules:
        """Replace them; what has been asked for and has not left yet follows the new ones.

        To let reports about single persons go to anyone takes the permission
        to see such rows. Raises ``Forbidden``, ``Invalid`` with the field's path.
        """
        require(actor, Action.MANAGE_RECIPIENTS)
        before = (await read_rules(actor.workspace)).audiences
        for kind, audience in audiences.items():
            declared = self._registry.report_kind(kind)
            if declared.personal and audience is Audience.ANYONE and before.get(kind) is not audience:
                require(actor, Action.MANAGE_RECIPIENTS, personal=True)
        chosen = {
            "domains": checked_domains(domains),
            "audiences": dict(audiences),
            "first_email": first_email,
        }
        # Saving a row whose key is a relation would not find it.
        await RecipientRulesRow.get_or_create(workspace_id=actor.workspace, defaults=chosen)
        await RecipientRulesRow.filter(workspace_id=actor.workspace).update(**chosen)
        return await read_rules(actor.workspace)
