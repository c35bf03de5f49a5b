"""Orders about employments: those who came by an order, who left, who were extended, who went on leave."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from portal import clock
from portal.demo import hours, sources
from portal.demo.answering import Answering, pick
from portal.demo.staff import Somebody, Staff, ascii_of, dice
from portal.demo.wishes import Chain, Ref, Wish

PAST = {"seasonal": 14, "fixed_term": 9, "trainee": 9, "hourly": 5}
PAST_EXTERNAL, PAST_RESIGNED = 18, 34
JUST_GONE = "just-gone"
"""Somebody who has left lately, whose account the directory still has open."""
EARLIER_LEAVES = 12
REJECTED, WITHDRAWN = 7, 5
REJECTED_EXTERNAL, WITHDRAWN_EXTERNAL = 2, 1


class Newcomers:
    """Plans the chains of everybody whose employment began, changed or ended during the year."""

    def __init__(
        self, staff: Staff, moment: datetime, rhythm: hours.Rhythm, left: Counter[str], scale: float
    ) -> None:
        self.staff, self.moment, self.rhythm, self.left, self.scale = staff, moment, rhythm, left, scale
        self.rng = dice("newcomers")
        self.answering = Answering(staff, self.rng)
        self.today = staff.today
        self.names = self._names()
        self.chains: dict[str, Chain] = {}

    def make(self) -> list[Chain]:
        """Plan them all."""
        story = sources.story()["people"]
        present = [p for p in self.staff.people.values() if p.comes != "adopted" and not p.is_past]
        for person in present[:: max(1, round(1 / self.scale))] if self.scale < 1 else present:
            self._arrive(person)
        for form, count in PAST.items():
            for _ in range(self._share(count)):
                self._arrive(self._past(form))
        for _ in range(self._share(PAST_EXTERNAL)):
            self._arrive(self._past("consultant"))
        self._never()
        for person in list(self.staff.people.values()):
            if person.leave and person.key not in story:
                self._leave(person, person.leave)
            if person.ends:
                self._resign(person, person.last_day or self.today)
        self._resign(*self._gone(JUST_GONE, 20))
        for _ in range(self._share(PAST_RESIGNED) - 1):
            self._resign(*self._gone())
        self._earlier_leaves()
        self._extensions()
        return list(self.chains.values())

    def _share(self, number: int) -> int:
        return max(1, round(number * self.scale))

    def _names(self) -> Iterator[tuple[str, str]]:
        data = sources.read("names")
        used = {(p.given_name, p.surname) for p in self.staff.people.values()}
        rng = dice("past names")
        for _ in range(10_000):
            name = (rng.choice(data["given"]), rng.choice(data["surnames"]))
            if name not in used:
                used.add(name)
                yield name

    def _chain(self, person: Somebody) -> Chain:
        return self.chains.setdefault(person.key, Chain(f"person-{person.key}", [], person.key))

    def _before(self, day: date, most: int = 35, least: int = 3) -> datetime:
        """Return a moment some days before a day, but never in the future."""
        last = min(day - timedelta(days=least), self.today - timedelta(days=1))
        return self.rhythm.draw(self.rng, min(day - timedelta(days=most), last), last)

    # coming

    def _arrive(self, person: Somebody, fate: str = "deliver") -> Wish:
        at = self._before(person.first_day)
        if person.comes == "external":
            boss = self.staff.head_of(person.unit)
            wish = Wish(at, "external-account", boss, answers=self.answering.external(person, boss))
        else:
            boss, other = self.staff.head_of(person.unit), self.staff.coordinator_of(person.unit)
            by = other if fate != "deliver" or self.rng.random() < 0.7 else boss
            wish = Wish(at, "employee-account", by, answers=self.answering.account(person, person.first_day))
        wish.fate, wish.comes = fate, person.key
        self._chain(person).wishes.append(wish)
        if fate == "deliver":
            self._equip(person)
        return wish

    def _equip(self, person: Somebody) -> None:
        """Let a newcomer get what newcomers get."""
        if person.form in ("trainee", "consultant", "hourly"):
            shares = {"accessory": 0.2, "remote-work": 0.2}
        elif person.form == "seasonal":
            shares = {"laptop": 0.25, "mobile-subscription": 0.75}
        else:
            shares = {"laptop": 0.85, "mobile-subscription": 0.6, "software": 0.4, "records-access": 0.3}
        last = min(person.last_day or self.today, self.today) - timedelta(days=1)
        for item, share in shares.items():
            first = person.first_day + timedelta(days=1)
            if self.rng.random() < share and self.left[item] > 20 and first + timedelta(days=8) < last:
                at = self.rhythm.draw(self.rng, first, min(last, first + timedelta(days=30)))
                day = clock.local_day(at, clock.DEFAULT_ZONE)
                boss = self.staff.head_of(person.unit)
                mine = self.rng.random() < 0.6
                wish = Wish(at, item, person.key if mine else boss, "" if mine else person.key)
                wish.answers = self.answering.answer(item, person, day)
                self._chain(person).wishes.append(wish)

    def _past(self, form: str, fate: str = "deliver") -> Somebody:
        """Make somebody who came and has gone again."""
        rng = self.rng
        units = [
            u
            for u in self.staff.units.values()
            if u.kind in KINDS.get(form, ("naturvard", "landsbygd", "rattsenhet"))
        ]
        unit = rng.choice([u for u in units if u.head])
        most = {"seasonal": 330, "trainee": 300, "consultant": 320}.get(form, 330)
        first = self.today - timedelta(days=rng.randint(110, most))
        lasts = {"seasonal": (60, 130), "trainee": (30, 80), "consultant": (40, 170)}.get(form, (60, 300))
        last = min(
            first + timedelta(days=rng.randint(*lasts)), self.today - timedelta(days=rng.randint(2, 25))
        )
        titles = sources.organisation()["kinds"].get(unit.kind, {})
        among = (
            titles.get("seasonal_titles", titles.get("titles", ["handläggare"]))
            if form == "seasonal"
            else titles.get("titles", ["handläggare"])
        )
        person = self._new(unit.key, rng.choice(among), form, first, last)
        if form == "consultant":
            company = rng.choice(sources.phrases()["consultants"])
            person.comes, person.company, person.title = "external", company["company"], company["assignment"]
        else:
            person.comes = "ordered"
        return person

    def _new(self, unit: str, title: str, form: str, first: date, last: date, key: str = "") -> Somebody:
        given, surname = next(self.names)
        key = key or f"g{len(self.staff.people):04d}"
        person = Somebody(key, given, surname, unit, title, form, first, last, is_past=True)
        mail = f"{ascii_of(given)}.{ascii_of(surname)}".replace(" ", "").replace("'", "").replace("’", "")
        person.mail = f"{mail}@{sources.organisation()['root']['domain']}"
        self.staff.people[key] = person
        return person

    def _never(self) -> None:
        """Let some orders be refused or taken back, so that nobody came."""
        for fate, count, form in (
            ("reject", REJECTED, "fixed_term"),
            ("withdraw", WITHDRAWN, "seasonal"),
            ("reject", REJECTED_EXTERNAL, "consultant"),
            ("withdraw", WITHDRAWN_EXTERNAL, "consultant"),
        ):
            for _ in range(self._share(count)):
                wish = self._arrive(self._past(form), fate)
                reasons = sources.phrases()
                wish.comment = (
                    self.rng.choice(reasons["withdraw_reasons"])
                    if fate == "withdraw"
                    else self.rng.choice(
                        [*reasons["reject_comments"].get(wish.item, ()), *reasons["reject_comments"]["any"]]
                    )
                )

    # going

    def _change(self, person: Somebody, at: datetime, **answers: Any) -> Wish:
        boss, other = self.staff.head_of(person.unit), self.staff.coordinator_of(person.unit)
        by = boss if self.rng.random() < 0.6 or other == person.key else other
        wish = Wish(at, "change-employment", by, person.key, {"who": Ref("person", person.key), **answers})
        self._chain(person).wishes.append(wish)
        return wish

    def _resign(self, person: Somebody, last: date) -> None:
        self._change(person, self._before(last, 80, 20), what="end", new_last_day=last)

    def _gone(self, key: str = "", days: int = 0) -> tuple[Somebody, date]:
        """Make somebody who had been here long and has left during the year."""
        units = [u for u in self.staff.units.values() if u.kind in KINDS["permanent"] and u.head]
        unit = self.rng.choice(units)
        last = self.today - timedelta(days=days or self.rng.randint(3, 320))
        titles = sources.organisation()["kinds"][unit.kind]["titles"]
        first = last - timedelta(days=self.rng.randint(700, 9000))
        person = self._new(unit.key, self.rng.choice(titles), "permanent", first, last, key)
        person.ends = True
        self._chain(person).adopts = True
        return person, last

    # leaves and extensions

    def _leave(self, person: Somebody, leave: dict[str, Any]) -> None:
        begins = leave["first_day"]
        self._change(
            person, self._before(begins, 60, 12), what="leave", leave_kind=leave["kind"], leave_from=begins,
            leave_to=leave["last_day"], keep_phone=leave.get("keep_phone", True),
            account_readable=leave.get("account_readable", False),
        )  # fmt: skip

    def _earlier_leaves(self) -> None:
        """Let some have been away and come back, half of them on another day than was said first."""
        kinds = {
            k: v
            for k, v in sources.volumes()["answers"]["change-employment"]["leave_kind"].items()
            if k != "parental"
        }
        able = [
            p for p in self.staff.people.values()
            if p.comes == "adopted" and p.form == "permanent" and not p.leads and not p.coordinates
            and not p.leave and not p.ends and not p.is_past and p.key not in self.chains
            and p.key not in sources.story()["people"]
        ]  # fmt: skip
        for number, person in enumerate(self.rng.sample(able, self._share(EARLIER_LEAVES))):
            begins = self.today - timedelta(days=self.rng.randint(150, 300))
            lasts = self.rng.randint(40, 110)
            kind = "parental" if number % 3 == 0 else pick(self.rng, kinds)
            leave = {"kind": kind, "first_day": begins, "last_day": begins + timedelta(days=lasts)}
            self._leave(person, leave)
            back = begins + timedelta(days=lasts + self.rng.choice((-20, -10, 14, 30)))
            at = self.rhythm.draw(self.rng, begins + timedelta(days=5), begins + timedelta(days=15))
            self._change(person, at, what="return", leave_to=back)

    def _extensions(self) -> None:
        """Spend the orders that are left on extensions, some people twice."""
        spent = sum(w.item == "change-employment" for chain in self.chains.values() for w in chain.wishes)
        group = sources.story()["seasonal_group"]
        able = [
            p for p in self.staff.people.values()
            if p.comes == "adopted" and not p.is_past and p.last_day and p.form in EXTENDED
            and (p.unit, p.form) != (group["unit"], group["form"])
        ]  # fmt: skip
        self.rng.shuffle(able)
        left = max(1, self.left["change-employment"] - spent)
        for place, person in enumerate(able[: max(1, round(left * 0.75))]):
            self._extend(person, twice=place < left - round(left * 0.75))

    def _extend(self, person: Somebody, *, twice: bool) -> None:
        """Plan backwards: the last day of now was set by the last order, the one before by an earlier one."""
        rng, until, last = self.rng, person.last_day, self.today - timedelta(days=6)
        for _ in range(2 if twice else 1):
            assert until is not None
            at = self.rhythm.draw(rng, last - timedelta(days=100), last)
            day = clock.local_day(at, clock.DEFAULT_ZONE)
            self._change(person, at, what="extend", new_last_day=until)
            until = min(day + timedelta(days=rng.randint(12, 45)), until - timedelta(days=10))
            last = day - timedelta(days=40)
        person.hr_last_day, person.is_late = until, True
        self.chains[person.key].adopts = True


EXTENDED = ("fixed_term", "hourly", "seasonal")
KINDS = {
    "seasonal": ("naturvard", "landsbygd"),
    "consultant": ("naturvard", "samhallsskydd"),
    "permanent": ("naturvard", "landsbygd", "rattsenhet", "samhallsskydd"),
}
