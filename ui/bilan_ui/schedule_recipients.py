"""External recipients who are written down in the form of a schedule, and chosen as they are added."""

from __future__ import annotations

from starlette.datastructures import FormData

from bilan.recipients import RecipientDraft
from bilan.recipients.address_book import checked_address
from bilan.sdk.errors import BilanError, Conflict, Invalid
from bilan_ui.forms import text
from bilan_ui.page_request import PageRequest
from bilan_ui.schedule_form import with_prefix
from bilan_ui.schedule_parameters import PREFIX
from bilan_ui.textdomain import _

ADD = "add_recipient"
"""What the button sends that adds somebody and shows the form again."""
LOOKING = ("preview", "refresh")
"""What other buttons say that only show something."""
WRITTEN = ("address", "first_name", "last_name")


async def add_recipient(request: PageRequest, sent: FormData) -> tuple[FormData, BilanError | None]:
    """Add who is written down to the address book; the form with them chosen, or what is wrong.

    Whoever stands in the address book already is chosen too.
    """
    then = text(sent, "then")
    if then in LOOKING:
        return sent, None
    address, first_name, last_name = (text(sent, f"{PREFIX}{name}").strip() for name in WRITTEN)
    if not address:
        missing = Invalid(_("Write an e-mail address."), ("address",))
        return sent, with_prefix(missing) if then == ADD else None
    try:
        # As the address book keeps it, which writes a domain in the letters that it stands for.
        address = checked_address(address)
        await request.services.address_book.add(request.actor, RecipientDraft(address, first_name, last_name))
    except Conflict:
        pass
    except BilanError as error:
        return sent, with_prefix(error)
    kept = [pair for pair in sent.multi_items() if pair[0] not in {f"{PREFIX}{name}" for name in WRITTEN}]
    return FormData([*kept, (f"{PREFIX}to", address)]), None
