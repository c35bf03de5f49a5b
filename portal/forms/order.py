"""What is filled in to order an item: who it is for, the answers, and what the form remembers of itself.

Answers are sent as `a.<question>`, so that no question can be taken for a field of the form's own.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from catalog.schema import CatalogItem
from portal import keys
from portal.domain import answers
from portal.domain.answers import FOR, Cleaned
from portal.domain.queries import people
from portal.domain.queries.catalog import Offer
from portal.domain.queries.people import Found
from portal.domain.queries.said import Said, said
from portal.errors import Invalid
from portal.i18n import N_
from portal.models.person import Person
from portal.models.request import ServiceRequest

PREFIX: Final = "a."
QUERY: Final = "_query"
KEY = re.compile(r"[A-Za-z0-9_-]{20,60}")

Whose = Literal["me", "other"]


@dataclass
class OrderForm:
    """One order as it is filled in."""

    session: Session
    offer: Offer
    actor: Person
    raw: Mapping[str, Any]
    """Answers by question, as they were typed."""
    queries: Mapping[str, str]
    """What was typed to find people, by question."""
    shown: Collection[str]
    key: str
    whose: Whose
    for_id: int | None = None
    draft: ServiceRequest | None = None
    version: int | None = None
    is_draft: bool = False

    @classmethod
    def fresh(
        cls,
        session: Session,
        offer: Offer,
        actor: Person,
        *,
        known: Mapping[str, Any] | None = None,
        draft: ServiceRequest | None = None,
        for_id: int | None = None,
    ) -> "OrderForm":
        """Make a form that nobody has sent: empty, resumed from a draft, or with answers known beforehand."""
        names = {question.name for question in offer.item.questions if question.asks}
        raw = {name: value for name, value in (known or {}).items() if name in names}
        if draft is not None:
            raw, for_id = dict(draft.answers), draft.beneficiary_id
        other = for_id is not None and for_id != actor.id
        whose: Whose = "other" if other or offer.item.order_for == "others" else "me"
        key = str((draft.facts if draft else {}).get("form") or keys.token())
        return cls(session, offer, actor, raw, {}, (), key, whose, for_id if other else None, draft)

    @classmethod
    def sent(
        cls,
        session: Session,
        offer: Offer,
        actor: Person,
        data: "MultiDict[str, str]",
        draft: ServiceRequest | None,
    ) -> "OrderForm":
        """Read a form that was sent. Raises Invalid when it has no key of ours."""
        key = data.get("key", "")
        if not KEY.fullmatch(key):
            raise Invalid
        raw: MultiDict[str, str] = MultiDict()
        queries: dict[str, str] = {}
        people_asked = {each.name for each in offer.item.questions if each.type in ("person", "people")}
        for field, value in data.items(multi=True):
            name = field.removeprefix(PREFIX)
            if name == field:
                continue
            if name.endswith(QUERY) and name.removesuffix(QUERY) in people_asked:
                queries[name.removesuffix(QUERY)] = value[:100]
            else:
                raw.add(name, value)
        queries[FOR] = data.get("for_person_query", "")[:100]
        chosen = data.get("for_person", "")
        others = offer.item.order_for == "others" or data.get("for") == "other"
        return cls(
            session,
            offer,
            actor,
            raw,
            queries,
            data.get("shown", "")[:4000].split(),
            key,
            "other" if others else "me",
            int(chosen) if re.fullmatch(r"[0-9]{1,18}", chosen) else None,
            draft,
            int(data["version"]) if re.fullmatch(r"[0-9]{1,9}", data.get("version", "")) else 0,
            "draft" in data,
        )

    @property
    def item(self) -> CatalogItem:
        """The item that is ordered."""
        return self.offer.item

    @cached_property
    def asks_for(self) -> bool:
        """Tell whether the form itself asks whom it is for."""
        if self.item.creates or self.item.order_for not in ("both", "others"):
            return False
        if any(question.is_ in ("beneficiary", "person") for question in self.item.questions):
            return False
        return self.item.order_for == "others" or self.others > 0

    @cached_property
    def others(self) -> int:
        """Count those whom one may order for."""
        return people.count_orderable(self.session, self.actor)

    @cached_property
    def beneficiary(self) -> Person | None:
        """The person chosen in the form's own question; None while nobody is."""
        if not self.asks_for or self.whose == "me":
            return self.actor if self.item.order_for in ("self", "both") else None
        if self.for_id is None:
            return None
        return people.pick(self.session, self.actor, self.for_id, whom="orderable")

    @property
    def lacks_person(self) -> bool:
        """Tell whether it is for somebody who is not chosen yet, so that nobody knows who will be asked."""
        if self.asks_for:
            return self.whose == "other" and self.beneficiary is None
        named = self.cleaned.subject.person
        return self.item.order_for == "others" and not self.item.creates and named in (None, self.actor)

    @cached_property
    def cleaned(self) -> Cleaned:
        """The answers, read."""
        return answers.clean(
            self.session,
            self.item,
            self.raw,
            actor=self.actor,
            beneficiary=self.beneficiary,
            draft=self.is_draft,
            shown=self.shown,
        )

    @cached_property
    def errors(self) -> dict[str, Said]:
        """All that must be put right before it can be sent, by question; `for` and `` are the form's own."""
        found: dict[str, Said] = {}
        if self.version is not None and self.version != self.offer.version.number:
            found[""] = said(
                N_("This service has changed since you opened it. Look through the form once more.")
            )
        elif self.cleaned.appeared and not any(name in self.cleaned.errors for name in self.cleaned.appeared):
            found[""] = said(N_("Your answers brought up new questions. Look at them and send again."))
        if self.asks_for and self.whose == "other" and self.beneficiary is None:
            found[FOR] = said(N_("Search for and choose the person it is for."))
        return found | {name: why for name, why in self.cleaned.errors.items() if name not in found}

    @property
    def refusal(self) -> dict[str, Said]:
        """That it may not be ordered for whom it is for: worth saying before anything else is filled in."""
        place, why = self.cleaned.refused_at, self.cleaned.refusal
        return {place: why} if why is not None and self.errors.get(place) == why else {}

    def found_for(self) -> Found | None:
        """Return those who may be chosen as the one it is for: all when they are few, else who was found."""
        query = self.queries.get(FOR, "")
        if query.strip():
            return self._with_chosen(
                people.find_people(self.session, self.actor, query, whom="orderable"), self.beneficiary
            )
        if 0 < self.others <= people.MOST:
            return people.orderable(self.session, self.actor)
        chosen = self.beneficiary
        return Found([chosen]) if chosen is not None and self.whose == "other" else None

    def _with_chosen(self, found: Found, chosen: Person | None) -> Found:
        if chosen is None or chosen.id == self.actor.id or chosen in found.people:
            return found
        return Found([chosen, *found.people], found.more)

    @property
    def searches(self) -> bool:
        """Tell whether somebody was looked for and nobody chosen, so that Enter means to search."""
        unchosen = [name for name, query in self.queries.items() if query.strip() and name != FOR]
        if any(not self.raw.get(name) for name in unchosen):
            return True
        return bool(self.queries.get(FOR, "").strip()) and self.whose == "other" and self.for_id is None

    @property
    def body_hash(self) -> str:
        """Fingerprint of what would be ordered, to tell a second press from another order with one key."""
        beneficiary = self.beneficiary.id if self.beneficiary else None
        body = json.dumps([self.item.id, beneficiary, self.cleaned.answers], sort_keys=True, default=str)
        return hashlib.sha256(body.encode()).hexdigest()
