"""Letters to send: queued in the transaction that gives cause, rendered and sent later.

A row keeps the template's name, who gets it and ids; never text, never a token. `portal.work.mail` reads
the row, mints the links, renders and sends.
"""

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from portal import clock
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.work import OutboundMail


def queue(
    session: Session,
    template: str,
    *,
    to: Person | str | None,
    request: ServiceRequest | None = None,
    **data: Any,
) -> OutboundMail | None:
    """Queue a letter to a person or an address; nobody with neither gets none."""
    address = to if isinstance(to, str) else ""
    person = to if isinstance(to, Person) else None
    if person is None and not address:
        return None
    mail = OutboundMail(
        message_id=f"<{uuid.uuid4()}@ordna>",
        template=template,
        person_id=person.id if person else None,
        address=address,
        request_id=request.id if request else None,
        data=data,
        state="queued",
        not_before=clock.now(),
        created_at=clock.now(),
        worked_at=clock.working_now(session),
    )
    session.add(mail)
    return mail


def queue_all(
    session: Session,
    template: str,
    *,
    to: Iterable[Person],
    request: ServiceRequest | None = None,
    **data: Any,
) -> None:
    """Queue one letter for each person, each person once."""
    for person in {p.id: p for p in to}.values():
        queue(session, template, to=person, request=request, **data)
