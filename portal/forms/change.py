"""The order form again, for a case that was sent back: other answers, the same person."""

from dataclasses import dataclass
from functools import cached_property
from typing import cast

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from portal.domain import items
from portal.domain.queries.catalog import Offer
from portal.domain.queries.said import Said, said
from portal.forms.order import OrderForm
from portal.i18n import N_
from portal.models.person import Person
from portal.models.request import ServiceRequest


@dataclass
class ChangeForm(OrderForm):
    """The answers of a case, to be changed; whom it is for stays."""

    case: ServiceRequest | None = None

    @classmethod
    def of(
        cls,
        session: Session,
        case: ServiceRequest,
        actor: Person,
        data: "MultiDict[str, str] | None" = None,
    ) -> "ChangeForm":
        """Make the form from the case as it is, or read what was sent."""
        offer = Offer(case.version, items.load(case.version))
        if data is None:
            made = cls.fresh(session, offer, actor, known=case.answers)
        else:
            made = cls.sent(session, offer, actor, data, None)
        form = cast("ChangeForm", made)
        form.case = case
        return form

    @cached_property
    def asks_for(self) -> bool:
        """Whom it is for is not asked again."""
        return False

    @cached_property
    def beneficiary(self) -> Person | None:
        """The one it is for already."""
        return self.case.beneficiary if self.case is not None and not self.item.creates else None

    @cached_property
    def errors(self) -> dict[str, Said]:
        """All that must be put right; another person than before is another order."""
        found = dict(super().errors)
        named = self.cleaned.subject.person
        if self.case is not None and named is not None and named.id != self.case.beneficiary_id:
            text = N_("An order cannot be changed to be for somebody else. Withdraw it and place another.")
            found.setdefault("", said(text))
        return found
