"""How many people a list has, in words."""

from collections.abc import Mapping

from flask_babel import ngettext

from webapp.formats import number
from webapp.models import ContactStatus


def size_text(sizes: Mapping[ContactStatus, int]) -> str:
    """5 812 aktywnych · 402 wypisanych; active ones always, the others where there are any."""
    texts = {status: counted(status, sizes.get(status, 0)) for status in ContactStatus}
    return " · ".join(text for status, text in texts.items() if sizes.get(status) or status is ContactStatus.ACTIVE)


def counted(status: ContactStatus, n: int) -> str:
    count = number(n)
    return {
        ContactStatus.ACTIVE: ngettext("%(count)s active", "%(count)s active", n, count=count),
        ContactStatus.UNCONFIRMED: ngettext("%(count)s unconfirmed", "%(count)s unconfirmed", n, count=count),
        ContactStatus.UNSUBSCRIBED: ngettext("%(count)s unsubscribed", "%(count)s unsubscribed", n, count=count),
        ContactStatus.REMOVED: ngettext("%(count)s removed", "%(count)s removed", n, count=count),
        ContactStatus.BLOCKED: ngettext("%(count)s blocked", "%(count)s blocked", n, count=count),
        ContactStatus.BOUNCED: ngettext("%(count)s bounced", "%(count)s bounced", n, count=count),
    }[status]
