"""What people in the demo answer when they order, drawn by the shares in config/demo.toml."""

import random
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from portal.demo import sources
from portal.demo.staff import Somebody, Staff
from portal.demo.wishes import Ref

Answers = dict[str, Any]


def pick(rng: random.Random, shares: Mapping[str, float]) -> str:
    """Draw one of several words by their shares."""
    return rng.choices(list(shares), list(shares.values()))[0]


class Answering:
    """Draws the answers to each item's questions."""

    def __init__(self, staff: Staff, rng: random.Random) -> None:
        self.staff, self.rng = staff, rng
        self.how: dict[str, Any] = sources.volumes()["answers"]
        self.phrases = sources.phrases()

    def answer(self, item: str, person: Somebody, day: date) -> Answers:
        """Answer an item's questions for somebody on a day."""
        made: Answers = getattr(self, "_" + item.replace("-", "_"))(person, day)
        return made

    def place(self, person: Somebody) -> str:
        """Say where somebody collects things."""
        return self.staff.units[person.unit].office or "sjomark"

    def account(self, person: Somebody, day: date) -> Answers:
        """Answer for a newcomer who is planned."""
        shares = self.how["employee-account"]["workplace_field"]
        in_field = self.rng.random() < shares.get(person.form, 0.1)
        made: Answers = {
            "worked_here": False,
            "given_name": person.given_name,
            "surname": person.surname,
            "form": person.form,
            "first_day": person.first_day,
            "job_title": person.title,
            "at_unit": Ref("unit", person.unit),
            "workplace": "field" if in_field else self.place(person),
        }
        if person.form != "permanent":
            made["last_day"] = person.last_day
        return made

    def external(self, person: Somebody, sponsor: str) -> Answers:
        """Answer for a consultant who is planned."""
        return {
            "worked_here": False,
            "given_name": person.given_name,
            "surname": person.surname,
            "company": person.company,
            "private_mail": f"{person.mail.partition('@')[0]}@{_domain(person.company)}",
            "mobile": self._number(),
            "form": "consultant",
            "assignment": person.title,
            "sponsor": Ref("person", sponsor),
            "at_unit": Ref("unit", person.unit),
            "agreement": True,
            "first_day": person.first_day,
            "last_day": person.last_day,
        }

    def _number(self) -> str:
        rng = self.rng
        return f"070-{rng.randint(100, 999)} {rng.randint(10, 99)} {rng.randint(10, 99)}"

    def _mobile_subscription(self, person: Somebody, day: date) -> Answers:
        how = self.how["mobile-subscription"]
        made: Answers = {name: pick(self.rng, how[name]) for name in ("number_wish", "sim", "data", "reach")}
        made["extension"] = self.rng.random() < how["extension"]
        if made["number_wish"] != "new":
            made["number"] = self._number()
        if made["number_wish"] == "move":
            made["consent"] = True
        if made["sim"] == "card":
            made["delivery_place"] = self.place(person)
        return made

    def _laptop(self, person: Somebody, day: date) -> Answers:
        how = self.how["laptop"]
        made: Answers = {name: pick(self.rng, how[name]) for name in ("model", "docking")}
        made["delivery_place"] = self.place(person)
        if made["model"] == "powerful":
            made["reason"] = self.rng.choice(self.phrases["order_reasons"]["laptop"])
        return made

    def _accessory(self, person: Somebody, day: date) -> Answers:
        how = self.how["accessory"]
        thing, quantity = pick(self.rng, how["thing"]), pick(self.rng, how["quantity"])
        return {"thing": thing, "quantity": int(quantity), "delivery_place": self.place(person)}

    def _loan_equipment(self, person: Somebody, day: date) -> Answers:
        how = self.how["loan-equipment"]
        begins = day + timedelta(days=self.rng.randint(1, 5))
        lasts = min(self.rng.randint(*how["days"]), self.rng.randint(*how["days"]))
        return {
            "thing": pick(self.rng, how["thing"]),
            "from_day": begins,
            "to_day": begins + timedelta(days=lasts),
            "pickup_place": self.place(person),
        }

    def _software(self, person: Somebody, day: date) -> Answers:
        program = pick(self.rng, self.how["software"]["program"])
        made: Answers = {"program": program}
        if program == "other":
            other = self.rng.choice(self.phrases["order_reasons"]["other_program"])
            made |= {"other_program": other["name"], "reason": other["reason"]}
        elif program in ("gis-pro", "drawing"):
            made["reason"] = self.rng.choice(self.phrases["order_reasons"]["software"])
        return made

    def _records_access(self, person: Somebody, day: date) -> Answers:
        how = self.how["records-access"]
        made: Answers = {
            "level": pick(self.rng, how["level"]),
            "classified": self.rng.random() < how["classified"],
            "to_day": day + timedelta(days=self.rng.choice((90, 180, 364, 364, 364))),
        }
        if made["classified"]:
            made["reason"] = self.rng.choice(self.phrases["order_reasons"]["records-access"])
        if made["level"] != "read":
            made["trained_on"] = day - timedelta(days=self.rng.randint(20, 700))
        return made

    def _remote_work(self, person: Somebody, day: date) -> Answers:
        made: Answers = {"from_where": pick(self.rng, self.how["remote-work"]["from_where"])}
        if made["from_where"] == "abroad":
            made |= self.rng.choice(self.phrases["order_reasons"]["remote-work"])
            made["to_day"] = day + timedelta(days=self.rng.randint(14, 85))
        return made

    def _mailbox_access(self, person: Somebody, day: date) -> Answers:
        made: Answers = {
            "mailbox": Ref("mailbox", str(self.rng.randint(0, 1000))),
            "level": pick(self.rng, self.how["mailbox-access"]["level"]),
        }
        if self.rng.random() < 0.25:
            made["to_day"] = day + timedelta(days=self.rng.randint(60, 300))
        return made

    def _shared_mailbox(self, person: Somebody, day: date) -> Answers:
        about = self.rng.choice(self.phrases["mailboxes"])
        unit = self.staff.units[person.unit]
        others = [p.key for p in self.mates(person)]
        self.rng.shuffle(others)
        return {
            "for_unit": Ref("unit", unit.key),
            "mailbox_name": f"{about['name']} {self.staff.units[unit.office or unit.key].name}",
            "owner": Ref("person", person.key),
            "deputy": Ref("person", others[0]),
            "members": [Ref("person", key) for key in others[1:3]],
            "send_as": self.rng.choice(("everyone", "everyone", "owners")),
            "purpose": about["purpose"],
        }

    def mates(self, person: Somebody) -> list[Somebody]:
        """Return those who work beside somebody and stay."""
        return [
            p for p in self.staff.by_unit[person.unit]
            if p.key != person.key and p.form == "permanent" and p.comes == "adopted"
            and not p.is_late and not p.ends and not p.is_protected
        ]  # fmt: skip

    def _report_fault(self, person: Somebody, day: date) -> Answers:
        how = self.how["report-fault"]
        fault = self.rng.choice(self.phrases["faults"])
        return {
            "about_other": fault["about"],
            "what_happens": fault["what"],
            "affected": pick(self.rng, how["affected"]),
            "can_work": self.rng.random() < how["can_work"],
            "reached_at": self._number(),
        }

    def _suggest_service(self, person: Somebody, day: date) -> Answers:
        return {
            "how_often": pick(self.rng, self.how["suggest-service"]["how_often"]),
            "minutes_each": self.rng.choice((5, 10, 20, 30, 60)),
        }


def _domain(company: str) -> str:
    from portal.demo.staff import ascii_of

    return "".join(c for c in ascii_of(company.removesuffix(" AB")) if c.isalnum()) + ".example"
