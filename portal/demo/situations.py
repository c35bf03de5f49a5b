"""What is open when the demo begins: the story's situations, and as many others as there should be."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from portal.demo import hours, sources
from portal.demo.answering import Answering
from portal.demo.staff import Somebody, Staff, dice
from portal.demo.wishes import Chain, Ref, Wish

DRAFTED = ("laptop", "mobile-subscription", "software", "remote-work", "accessory")
ASKED = ("laptop", "mobile-subscription", "software", "remote-work", "mobile-subscription", "laptop")


def make(staff: Staff, moment: datetime) -> list[Chain]:
    """Plan everything that is open when the demo begins, and what the people of the story went through."""
    return _Situations(staff, moment).make()


class _Situations:
    def __init__(self, staff: Staff, moment: datetime) -> None:
        self.staff, self.moment = staff, moment
        self.rng: random.Random = dice("situations")
        self.answering = Answering(staff, self.rng)
        self.states = sources.volumes()["history"]["states"]
        self.people = self._ordinary()
        self.chains: list[Chain] = []

    def make(self) -> list[Chain]:
        self._past_of_the_story()
        for situation in sources.story()["situations"]:
            getattr(self, f"_story_{situation['kind']}", lambda _: None)(situation)
        self._fill("draft", self.states["draft"], self._draft)
        self._fill("waits", self.states["in_approval"], self._waiting)
        self._fill("asked", self.states["sent_back"], self._asked)
        self._fill("late", self.states["late"], self._late)
        self._fill("failed", self.states["needs_attention"], self._failed)
        firsts = self.states["waiting_for_first_day"]
        self._fill("first_day", firsts, self._first_day)
        self._fill("queued", self.states["in_delivery"] - firsts, self._queued)
        return self.chains

    def _ordinary(self) -> Iterator[Somebody]:
        """Yield people without a part, each once, of units whose head is nobody of the story."""
        story = set(sources.story()["people"])
        away = {each["unit"] for each in sources.organisation()["oddities"]["managers_away"]}
        able = [
            p for p in self.staff.people.values()
            if p.comes == "adopted" and p.form == "permanent" and not p.is_past and not p.leave and not p.ends
            and not p.leads and not p.coordinates and p.key not in story and not p.is_protected
            and self.staff.units[p.unit].head not in ("", *story) and p.unit not in away
        ]  # fmt: skip
        self.rng.shuffle(able)
        return iter(able)

    def _add(self, wish: Wish, *, is_story: bool = False) -> Wish:
        wish.is_story = is_story
        self.chains.append(Chain(f"open-{len(self.chains)}-{wish.item}", [wish]))
        return wish

    def _count(self, fate: str) -> int:
        return sum(wish.fate == fate for chain in self.chains for wish in chain.wishes)

    def _fill(self, fate: str, wanted: int, make: Any) -> None:
        for number in range(wanted - self._count(fate)):
            make(number)

    def _ago(self, minutes: float) -> datetime:
        return hours.earlier(self.moment, minutes)

    def _answered(self, item: str, person: Somebody, at: datetime, **more: Any) -> Wish:
        return Wish(at, item, person.key, answers={**self.answering.answer(item, person, at.date()), **more})

    # as many as there should be

    def _draft(self, number: int) -> None:
        at = self._ago(self.rng.uniform(200, 8000))
        wish = self._answered(DRAFTED[number % len(DRAFTED)], next(self.people), at)
        wish.answers = dict(list(wish.answers.items())[: self.rng.randint(1, 3)])
        wish.fate = "draft"
        self._add(wish)

    def _waiting(self, number: int) -> None:
        at = self._ago(self.rng.uniform(20, 460))
        wish = self._answered(ASKED[number % len(ASKED)], next(self.people), at)
        wish.fate = "waits"
        self._add(wish)

    def _asked(self, number: int) -> None:
        wish = self._answered("records-access", next(self.people), self._ago(self.rng.uniform(500, 1400)))
        wish.fate = "asked"
        wish.comment = sources.phrases()["sent_back_questions"][number % 4]
        self._add(wish)

    def _late(self, number: int) -> None:
        item = ("report-fault", "laptop", "mobile-subscription")[number % 3]
        wish = self._answered(item, next(self.people), self._ago(6.2 * hours.DAY_MINUTES + 100 * number))
        wish.fate = "late"
        self._plain(wish)
        self._add(wish)

    def _failed(self, number: int) -> None:
        person, at = next(self.people), self._ago(self.rng.uniform(60, 700))
        item, step = (("software", "licence"), ("records-access", "right"))[number % 2]
        wish = self._answered(item, person, at)
        until = self._day(180)
        reading = {"level": "read", "classified": False, "to_day": until}
        wish.answers = {"program": "visio"} if item == "software" else reading
        wish.fate, wish.step, wish.detail = "failed", step, DETAILS[step]
        self._add(wish)

    def _first_day(self, number: int) -> None:
        person = next(self.people)
        form = ("permanent", "fixed_term", "seasonal", "hourly", "trainee", "fixed_term")[number % 6]
        first = self.staff.today + timedelta(days=self.rng.randint(2, 24))
        self._newcomer(self._ago(self.rng.uniform(500, 1500)), person.unit, form, first, "first_day")

    def _newcomer(self, at: datetime, unit: str, form: str, first: Any, fate: str) -> Wish:
        titles = (
            sources.organisation()["kinds"]
            .get(self.staff.units[unit].kind, {})
            .get("titles", ["handläggare"])
        )
        names = sources.read("names")
        given, surname = self.rng.choice(names["given"]), self.rng.choice(names["surnames"])
        coming = Somebody(f"n{len(self.chains)}", given, surname, unit, self.rng.choice(titles), form, first)
        coming.last_day = None if form == "permanent" else first + timedelta(days=self.rng.randint(50, 170))
        by = self.staff.coordinator_of(unit)
        wish = Wish(at, "employee-account", by, answers=self.answering.account(coming, first), fate=fate)
        return self._add(wish)

    def _queued(self, number: int) -> None:
        faults = QUEUE_OF_THE_DESK - sum(
            w.item == "report-fault" and w.fate in ("queued", "late") for c in self.chains for w in c.wishes
        )
        item = "report-fault" if faults > 0 else ("accessory", "laptop", "mobile-subscription")[number % 3]
        wish = self._answered(item, next(self.people), self._ago(self.rng.uniform(15, 700)))
        self._plain(wish)
        wish.fate = "queued"
        self._add(wish)

    def _plain(self, wish: Wish) -> None:
        """Let an order be one that asks nobody but the manager."""
        if wish.item == "laptop":
            wish.answers["model"] = "standard"
            wish.answers.pop("reason", None)
        elif wish.item == "mobile-subscription":
            wish.answers["reach"] = "eu"
        elif wish.item == "accessory":
            wish.answers |= {"thing": "headset", "quantity": 1}

    # the story

    def _day(self, number: int) -> Any:
        return self.staff.today + timedelta(days=number)

    def _story_answers(self, situation: dict[str, Any]) -> dict[str, Any]:
        made = dict(situation.get("answers", {}))
        for name in ("first_day", "last_day", "trained_on"):
            if isinstance(made.get(name), int):
                made[name] = self._day(made[name])
        if "at_unit" in made:
            made["at_unit"] = Ref("unit", made["at_unit"])
        return made

    def _story_draft(self, situation: dict[str, Any]) -> None:
        wish = Wish(
            self._ago(130), situation["item"], situation["by"], answers=self._story_answers(situation)
        )
        wish.fate = "draft"
        self._add(wish, is_story=True)

    def _story_waiting(self, situation: dict[str, Any]) -> None:
        day = self.staff.today - timedelta(days=situation["days_ago"])
        at = min(hours.at(day, 9, 12), self.moment - timedelta(minutes=80))
        wish = Wish(
            at, situation["item"], situation["by"], answers=self._story_answers(situation), fate="waits"
        )
        wish.reminded = situation.get("reminded", 0)
        self._add(wish, is_story=True)

    def _story_in_delivery(self, situation: dict[str, Any]) -> None:
        at = self._ago(situation["days_ago"] * hours.DAY_MINUTES)
        wish = Wish(
            at, situation["item"], situation["by"], answers=self._story_answers(situation), fate="queued"
        )
        wish.question = (situation["message"]["by"], situation["message"]["sv"])
        self._add(wish, is_story=True)
        # the question that has to be answered before anything is decided
        about = {"model": "powerful", "docking": "with", "delivery_place": "sjomark"}
        about["reason"] = sources.phrases()["order_reasons"]["laptop"][0]
        asked = Wish(self._ago(600), "laptop", situation["by"], answers=about, fate="asked")
        asked.stand_in, asked.comment = "johan", sources.phrases()["sent_back_questions"][1]
        self._add(asked, is_story=True)

    def _story_holding_ends(self, situation: dict[str, Any]) -> None:
        answers = {**self._story_answers(situation), "to_day": self._day(situation["last_day"])}
        at = hours.at(self._day(-300), 9, 40)
        answers["trained_on"] = self._day(-700)
        self._add(Wish(at, situation["item"], situation["for"], answers=answers))

    def _story_failed_step(self, situation: dict[str, Any]) -> None:
        at = self._ago(situation["days_ago"] * hours.DAY_MINUTES + 190)
        if situation["item"] == "employee-account":
            unit = next(self.people).unit
            wish = self._newcomer(at, unit, "fixed_term", self._day(6), "failed")
        else:
            wish = self._answered(situation["item"], next(self.people), at)
            wish.answers = {"from_where": "home"}
            wish.fate = "failed"
            self._add(wish)
        wish.step, wish.detail, wish.is_story = situation["step"], situation["detail"], True

    def _past_of_the_story(self) -> None:
        """Let the people of the story have come to what they have."""
        people = sources.story()["people"]
        elin, karin = people["elin"], people["karin"]
        back = Wish(
            hours.at(self._day(elin["first_day"] - 12), 10, 20), "employee-account", "ingrid", comes="elin",
            answers={
                "worked_here": True, "returning": Ref("person", "elin"), "form": "seasonal",
                "first_day": self._day(elin["first_day"]), "last_day": self._day(elin["last_day"]),
                "job_title": elin["title"], "at_unit": Ref("unit", elin["unit"]), "workplace": "field",
            },
        )  # fmt: skip
        first = hours.at(self._day(elin["first_day"] + 1), 9, 12)
        laptop = Wish(
            first,
            "laptop",
            "elin",
            answers={"model": "standard", "docking": "without", "delivery_place": "sjomark"},
        )
        phone = {"number_wish": "new", "sim": "esim", "data": "basic", "reach": "eu", "extension": False}
        mobile = Wish(first + timedelta(minutes=9), "mobile-subscription", "elin", answers=phone)
        gone = self._day(elin["earlier"]["last_day"] + 1)
        self.chains.append(Chain("person-elin", [back, laptop, mobile], "elin", looks=(gone,)))
        nils = self._day(people["nils"]["last_day"] + 1)
        self.chains.append(Chain("person-nils", [], "nils", looks=(nils,)))
        leave = karin["leave"]
        begins = leave["first_day"]
        away = Wish(
            hours.at(self._day(begins - 24), 13, 5), "change-employment", self.staff.head_of(karin["unit"]),
            "karin",
            {
                "who": Ref("person", "karin"), "what": "leave", "leave_kind": leave["kind"],
                "leave_from": self._day(begins), "leave_to": self._day(leave["last_day"]),
                "keep_phone": leave["keep_phone"], "account_readable": leave["account_readable"],
            },
        )  # fmt: skip
        software = Wish(
            hours.at(self._day(begins - 110), 9, 31), "software", "karin", answers={"program": "visio"}
        )
        vpn = Wish(
            hours.at(self._day(begins - 104), 14, 2), "remote-work", "karin", answers={"from_where": "home"}
        )
        self.chains.append(Chain("person-karin", [software, vpn, away], "karin"))


QUEUE_OF_THE_DESK = 9
DETAILS = {
    "licence": "socket timed out while waiting for the answer to modify",
    "right": "insufficientAccessRights: no write access to member",
}
