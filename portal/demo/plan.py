"""Twelve months of orders, planned before anything is written: who, what, when, and what becomes of it."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from portal import clock
from portal.demo import hours, situations, sources
from portal.demo.answering import Answering
from portal.demo.newcomers import Newcomers
from portal.demo.staff import Somebody, Staff, dice
from portal.demo.wishes import Chain, Ref, Wish

ONCE = ("laptop", "mobile-subscription", "remote-work", "records-access")
ASKING = (*ONCE, "software", "mailbox-access", "shared-mailbox")
"""Items that always ask somebody, whatever is answered."""


def make(staff: Staff, moment: datetime, *, scale: float = 1.0) -> list[Chain]:
    """Plan all orders of the year before a moment."""
    return _Planner(staff, moment, scale).make()


class _Planner:
    def __init__(self, staff: Staff, moment: datetime, scale: float) -> None:
        self.staff, self.moment, self.scale = staff, moment, scale
        self.how = sources.volumes()
        self.rng = dice("plan")
        self.today = clock.local_day(moment, clock.DEFAULT_ZONE)
        self.rhythm = hours.Rhythm(self.today - timedelta(days=364), self.today - timedelta(days=1))
        self.answering = Answering(staff, self.rng)
        self.left = Counter({key: round(n * scale) for key, n in self.how["history"]["volumes"].items()})
        self.has: set[tuple[str, str]] = set()
        self.chains: list[Chain] = []

    def make(self) -> list[Chain]:
        opens = situations.make(self.staff, self.moment)
        for chain in opens:
            self._count(chain)
        chains = Newcomers(self.staff, self.moment, self.rhythm, self.left, self.scale).make()
        for chain in chains:
            self._count(chain)
        singles = self._singles()
        self._fates(singles)
        self.chains = [*opens, *chains, *(Chain(self._key(w, n), [w]) for n, w in enumerate(singles))]
        return self.chains

    def _key(self, wish: Wish, number: int) -> str:
        """Name a chain; the first mailboxes have a name of their own, since others get access to them."""
        early = wish.item == "shared-mailbox" and wish.at < hours.at(self.rhythm.days[30])
        return f"{FIRST_MAILBOXES if early else wish.item}-{number}"

    def _count(self, chain: Chain) -> None:
        for wish in chain.wishes:
            self.left[wish.item] -= 1
            self.has.add((wish.whom or wish.by, wish.item))

    def _stable(self) -> list[Somebody]:
        """Return those whose employment stays as it is all year."""
        changed = {key for key, _ in self.has}
        story = sources.story()["people"]
        return [
            p for p in self.staff.people.values()
            if p.comes == "adopted" and p.form == "permanent" and not p.is_past and not p.leave and not p.ends
            and p.key not in story and (p.key not in changed or p.leads or p.coordinates)
        ]  # fmt: skip

    def _singles(self) -> list[Wish]:
        people = self._stable()
        made: list[Wish] = []
        for item, count in self.left.items():
            if item in ("employee-account", "external-account", "change-employment"):
                continue
            among = [p for p in people if (p.key, item) not in self.has or item not in ONCE]
            if item == "shared-mailbox":
                among = [p for p in among if len(self.answering.mates(p)) > 2]
            self.rng.shuffle(among)
            for number in range(max(0, count)):
                person = among[number % len(among)]
                made.append(self._single(item, person, number))
        return made

    def _single(self, item: str, person: Somebody, number: int) -> Wish:
        first, last = None, None
        if item == "shared-mailbox" and number < EARLY_MAILBOXES:
            first, last = self.rhythm.days[0], self.rhythm.days[24]
        elif item == "mailbox-access":
            first = self.rhythm.days[45]
        elif item in ("suggest-service", "software"):
            last = self.rhythm.days[-16]
        at = self.rhythm.draw(self.rng, first, last)
        day = clock.local_day(at, clock.DEFAULT_ZONE)
        wish = Wish(at, item, person.key, answers=self.answering.answer(item, person, day))
        boss = self.staff.head_of(person.unit)
        if item in ("laptop", "mobile-subscription", "accessory", "software") and self.rng.random() < 0.14:
            other = self.staff.coordinator_of(person.unit)
            wish.by, wish.whom = (boss if self.rng.random() < 0.6 else other), person.key
            if wish.by == person.key:
                wish.whom = ""
        self._phrase(wish, number)
        return wish

    def _phrase(self, wish: Wish, number: int) -> None:
        """Give faults and suggestions the answer that belongs to them."""
        if wish.item == "report-fault":
            about = wish.answers["about_other"]
            fault = next(f for f in sources.phrases()["faults"] if f["about"] == about)
            wish.results = {"cause": fault["cause"], "solution": fault["solution"]}
        elif wish.item == "suggest-service":
            all_of_them = sources.phrases()["suggestions"]
            idea = all_of_them[number % len(all_of_them)]
            wish.answers |= {"today_like_this": idea["today"], "who_needs": idea["who"], "goal": idea["goal"]}
            wish.results = {"outcome": idea["outcome"], "reason": idea["reason"]}

    # what becomes of them

    def _fates(self, singles: list[Wish]) -> None:
        states, how = self.how["history"]["states"], self.how["approvals"]
        done = Counter(w.fate for chain in self.chains for w in chain.wishes)
        asking = [w for w in singles if w.item in ASKING and not w.whom and not self.staff.people[w.by].leads]
        settled = [w for w in asking if w.item != "shared-mailbox" or w.at.date() > self.rhythm.days[60]]
        self.rng.shuffle(settled)
        reject = self._share(states["rejected"]) - done["reject"] - self._share(NEWCOMERS_REJECTED)
        cancel = self._share(states["cancelled"]) - done["withdraw"] - self._share(NEWCOMERS_WITHDRAWN)
        for wish in settled[:reject]:
            self._reject(wish)
        rest = settled[reject:]
        for wish in rest[:cancel]:
            wish.fate, wish.comment = "withdraw", self.rng.choice(sources.phrases()["withdraw_reasons"])
        rest = [w for w in rest[cancel:] if self._has_own_manager(w)]
        escalated, by_stand_in = self._share(how["escalated"]), self._share(how["by_stand_in"])
        for wish in rest[:escalated]:
            wish.escalates = True
        for wish in rest[escalated:]:
            if by_stand_in <= 0:
                break
            wish.stand_in = self._stand_in(wish.by)
            by_stand_in -= bool(wish.stand_in)
        talked = [w for w in singles if w.fate == "deliver" and w.item in TALKED]
        self.rng.shuffle(talked)
        for wish in talked[: self._share(states["with_messages"])]:
            wish.thread = tuple(self.rng.choice(sources.phrases()["threads"]))

    def _share(self, number: int) -> int:
        return max(1, round(number * self.scale))

    def _reject(self, wish: Wish) -> None:
        comments = sources.phrases()["reject_comments"]
        wish.fate = "reject"
        wish.comment = self.rng.choice(
            [*comments.get(wish.item, ()), *comments.get(wish.item, ()), *comments["any"]]
        )

    def _has_own_manager(self, wish: Wish) -> bool:
        person = self.staff.people[wish.by]
        head = self.staff.units[person.unit].head
        age = (self.today - clock.local_day(wish.at, clock.DEFAULT_ZONE)).days
        return bool(head) and head != person.key and wish.item in ONCE and age > 20 and not person.leads

    def _stand_in(self, key: str) -> str:
        person = self.staff.people[key]
        office, head = self.staff.units[person.unit].office, self.staff.units[person.unit].head
        others = [
            u.head for u in self.staff.units.values() if u.office == office and u.head not in ("", head, key)
        ]
        return self.rng.choice(others) if others else ""


TALKED = ("laptop", "mobile-subscription", "accessory", "records-access", "report-fault", "software")
FIRST_MAILBOXES, EARLY_MAILBOXES = "first-mailbox", 6
"""So many mailboxes are made early in the year, since others are given access to them."""
NEWCOMERS_REJECTED, NEWCOMERS_WITHDRAWN = 9, 6

__all__ = ["Any", "Ref", "date", "make"]
