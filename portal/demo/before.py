"""What people had before the portal came: accounts, and most of their computers and telephones."""

import uuid
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from catalog.placeholders import render
from catalog.schema import CatalogItem
from connectors import memory
from portal.demo import sources, store
from portal.demo.organisation import Book, employment_of
from portal.demo.staff import Somebody, dice
from portal.domain import adopting, items
from portal.domain.adopting import Known
from portal.models.employment import Employment
from portal.models.holding import Account
from portal.models.item import CatalogVersion

USERNAME = "{given_name|ascii|letters|lower|first:3}{surname|ascii|letters|lower|first:3}"


class Adopter:
    """Takes over what was there, a person at a time."""

    def __init__(self, session: Session, book: Book, kept: memory.Store) -> None:
        self.session, self.book, self.kept = session, book, kept
        self.taken = {row["key"] for row in kept.objects.get("account", {}).values()}

    def accounts(self, planned: Iterable[Somebody]) -> None:
        """Take over the accounts of people, with the groups that everyone is in."""
        version, item = self._current("employee-account")
        for each in planned:
            self._account(each, version, item)
        self.session.flush()

    def things(self, planned: Iterable[Somebody], ordered: Collection[tuple[str, str]]) -> None:
        """Take over the computers and telephones that most people had; `ordered` names who ordered theirs."""
        for each in planned:
            rng = dice("things", each.key)
            has = sources.story()["people"].get(each.key, {}).get("has", ())
            wants = {"laptop": rng.random() < 0.7, "mobile-subscription": rng.random() < 0.35}
            wants = {
                item: (want or item in has) and (each.key, item) not in ordered
                for item, want in wants.items()
            }
            if wants["laptop"]:
                self._laptop(each, rng.choice(("Standard", "Standard", "Kraftfull")))
            if wants["mobile-subscription"]:
                self._phone(each, f"070-{rng.randint(100, 999)} {rng.randint(10, 99)} {rng.randint(10, 99)}")
        self.session.flush()

    def _current(self, key: str) -> tuple[CatalogVersion, CatalogItem]:
        version = items.current(self.session, key)
        return version, items.load(version)

    def _employment(self, each: Somebody) -> Employment:
        found = employment_of(self.session, self.book.people[each.key])
        assert found is not None
        return found

    def _account(self, each: Somebody, version: CatalogVersion, item: CatalogItem) -> None:
        person, employment = self.book.person(self.session, each.key), self._employment(each)
        username = self._free(each)
        unit = self.book.unit(self.session, each.unit)
        values: dict[str, Any] = {
            "username": username,
            "given_name": each.given_name,
            "surname": each.surname,
            "display_name": each.name,
            "mail": person.mail,
            "title": each.title,
            "unit": unit.name,
            "enabled": True,
        }
        last = employment.last_day
        if last:
            values["expires_on"] = last.isoformat()
        account_id = str(uuid.uuid4())
        known = [
            Known(
                "account",
                store.RESOURCE,
                "account",
                username,
                account_id,
                values,
                {"expires_on": None, **values},
            )
        ]
        ref = {
            "resource": store.RESOURCE,
            "kind": "account",
            "key": username,
            "stable_id": account_id,
            "id": "",
        }
        for step, group in (("unit_group", unit.group), ("everyone", "alla-anstallda")):
            key, stable_id, row = store.membership(self.kept, ref, group)
            known.append(Known(step, store.RESOURCE, "membership", key, stable_id, row))
        title = {lang: text.format(username=username) for lang, text in TITLES["account"].items()}
        answers = {
            "worked_here": False, "given_name": each.given_name, "surname": each.surname, "form": each.form,
            "first_day": employment.starts_on.isoformat(), "last_day": last.isoformat() if last else None,
            "job_title": each.title, "at_unit": unit.id, "workplace": self._workplace(each),
        }  # fmt: skip
        _, made = adopting.adopt(
            self.session, version, item, person, employment, objects=known,
            names={"usernames": username, "mail": person.mail}, since=employment.starts_on,
            title=title, username=username, mail_address=person.mail, answers=answers,
        )  # fmt: skip
        self._keep(made)

    def _workplace(self, each: Somebody) -> str:
        office = self.book.staff.units[each.unit].office
        return office if office and each.form != "seasonal" else "field"

    def _keep(self, made: Iterable[Account]) -> None:
        """Put what was adopted into memory, its marker as the account row has it."""
        for account in made:
            store.put(self.kept, account)
            self.kept.ledger.append(("adopt", account.kind, account.key))

    def _free(self, each: Somebody) -> str:
        first = str(render(USERNAME, {"given_name": each.given_name, "surname": each.surname}))
        name, number = first, 1
        while name in self.taken:
            number += 1
            name = f"{first}{number}"
        self.taken.add(name)
        return name

    def _laptop(self, each: Somebody, model: str) -> None:
        version, item = self._current("laptop")
        number = 10_000 + self.book.people[each.key] * 7
        inventory, day = f"INV-{number}", self._employment(each).starts_on
        title = {
            lang: text.format(model=model, inventory=inventory) for lang, text in TITLES["laptop"].items()
        }
        self._thing(each, version, item, day, title=title, inventory=inventory, serial=f"PF{number:06X}")

    def _phone(self, each: Somebody, number: str) -> None:
        version, item = self._current("mobile-subscription")
        title = {lang: text.format(number=number) for lang, text in TITLES["phone"].items()}
        self._thing(each, version, item, self._employment(each).starts_on, title=title, phone_number=number)

    def _thing(
        self, each: Somebody, version: CatalogVersion, item: CatalogItem, since: date, **values: Any
    ) -> None:
        person, employment = self.book.person(self.session, each.key), self._employment(each)
        adopting.adopt(self.session, version, item, person, employment, since=since, **values)


TITLES = {
    "account": {"sv": "Konto {username}", "nb": "Konto {username}", "en": "Account {username}"},
    "laptop": {
        "sv": "Dator {model} {inventory}",
        "nb": "PC {model} {inventory}",
        "en": "Computer {model} {inventory}",
    },
    "phone": {
        "sv": "Mobilabonnemang {number}",
        "nb": "Mobilabonnement {number}",
        "en": "Mobile subscription {number}",
    },
}
