"""Where a letter is written: its row, its reader, its case, and the addresses that it may name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from catalog.schema import CatalogItem
from portal import clock, formats
from portal.domain import items
from portal.i18n import LANGUAGES, translate
from portal.models.request import ServiceRequest
from portal.models.work import OutboundMail
from portal.settings import Settings
from portal.work.letters import facts
from portal.work.letters.paper import one_line


class NotNeeded(Exception):
    """What the letter was about is over."""


class NoLetter(Exception):
    """The letter cannot be written: no such template, or what it tells of is not there."""


@dataclass(frozen=True)
class Desk:
    """Everything at hand while a letter is written."""

    session: Session
    mail: OutboundMail
    settings: Settings
    language: str

    @property
    def data(self) -> Mapping[str, Any]:
        """The ids that the row keeps."""
        return self.mail.data

    @cached_property
    def request(self) -> ServiceRequest:
        """The case; a letter about a case has one."""
        found = self.session.get(ServiceRequest, self.mail.request_id) if self.mail.request_id else None
        if found is None:
            raise NoLetter("the letter names no case")
        return found

    @cached_property
    def item(self) -> CatalogItem:
        """The item as it was ordered."""
        return items.load(self.request.version)

    def url(self, path: str) -> str:
        """Make a whole address from the settings alone."""
        return self.settings.base_url + path

    def say(self, message: str, **values: object) -> str:
        """Translate a marked text for the reader."""
        return translate(message, self.language, **values)

    def day(self, moment: datetime) -> str:
        """Write the day of a moment, in the organisation's zone."""
        local = clock.local_day(moment, clock.zone(self.session))
        return formats.day(local, self.language, "plain")

    def team(self, ref: str) -> str:
        """Write a team's name."""
        return facts.team_name(self.session, ref, self.language, self.settings.main_language)

    def case(self) -> dict[str, Any]:
        """Give what every letter about a case says."""
        request = self.request
        whom = facts.subject_of(request, self.language)
        title = self.item.title.get(self.language, self.settings.main_language)
        return {
            "item": one_line(title),
            "whom": "" if request.beneficiary_id == request.requester_id else whom,
            "requester": facts.name_of(request.requester, self.language),
            "sensitive": self.item.sensitive,
            "case_url": self.url(f"/requests/{request.number}"),
        }


def language_of(mail: OutboundMail, settings: Settings) -> str:
    """Choose the reader's language: their own, their unit's, else the installation's."""
    wishes = []
    if mail.person is not None:
        wishes.append(mail.person.language)
        unit = mail.person.unit
        while unit is not None:
            wishes.append(unit.language)
            unit = unit.parent
    offered = settings.names("portal.languages")
    return next((each for each in wishes if each in offered and each in LANGUAGES), settings.main_language)


def brand(settings: Settings) -> dict[str, Any]:
    """Say whose letter it is."""
    mail = settings.text("portal.service_desk_mail")
    phone = settings.text("portal.service_desk_phone")
    return {
        "name": settings.text("portal.name"),
        "organisation": settings.text("portal.organisation"),
        "colour": settings.text("portal.brand_colour"),
        "is_own": not settings.is_default("portal.brand_colour"),
        "desk_mail": mail,
        "desk_phone": phone,
        "has_desk": bool(mail or phone),
    }
