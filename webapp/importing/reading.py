"""What a run reads: pages of people from the vendor, mapped, those together that came while others were written."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar

from flask import current_app

from webapp.connectors.base import MOST_AGAIN, Connector, Group, Page, Window
from webapp.extensions import db
from webapp.importing import plan
from webapp.importing.ahead import Ahead
from webapp.importing.mapping import Mapped, Mapper
from webapp.models import ImportRun, RunMode
from webapp.models.scope import acting_for

# Begins at the start, as None does, but is not None: those turned away have been read again.
READ_AGAIN: dict[str, Any] = {}


class Reading:
    """One claim's reading for a run, from its cursor on, until `is_time` for somebody else to go on."""

    # While fewer people than that wait to be written, one page more is asked for; all that wait are one transaction.
    together: ClassVar[int] = 4000

    def __init__(self, connector: Connector, run: ImportRun, mapper: Mapper, is_time: Callable[[], bool]):
        self._connector, self._run, self._mapper, self._is_time = connector, run, mapper, is_time
        self._source = (Group(run.settings["group"]), run.settings["source_id"])
        window = window_of(run)
        db.session.commit()
        self._pages = connector.people(*self._source, mapper.columns, window, run.cursor or None)

    def batches(self) -> Iterator[Sequence[Mapped]]:
        for page in self._rejected_again():
            yield [self._mapper.read_page(page)]
            if self._is_time():
                return
        mapped = map(self._mapper.read_page, self._pages)
        yield from Ahead(mapped, self.together, is_done=self._is_time, within=self._elsewhere())

    def clear_up(self) -> None:
        """Once everything is kept, the vendor's own copy may go (see `Connector.people`)."""
        next(self._pages, None)

    def _rejected_again(self) -> Iterator[Page]:
        """Before the changes, those whom the last run turned away: the source may not say that it has mended them."""
        if self._run.mode is not RunMode.INCREMENTAL or self._run.cursor is not None:
            return
        ids = plan.turned_away(self._run, MOST_AGAIN)
        db.session.commit()
        if ids:
            yield Page(list(self._connector.again(*self._source, self._mapper.columns, ids)), READ_AGAIN)

    def _elsewhere(self) -> Callable[[], AbstractContextManager[None]]:
        """For a thread beside this one: a session of its own that acts for the same account."""
        app, account_id = current_app._get_current_object(), self._run.account_id

        @contextmanager
        def elsewhere() -> Iterator[None]:
            with app.app_context(), acting_for(account_id):
                yield

        return elsewhere


def window_of(run: ImportRun) -> Window:
    return Window(run.window_since, run.window_until)
