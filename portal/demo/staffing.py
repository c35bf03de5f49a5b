"""Choosing everybody who works in the demo: units filled, forms of employment, comings and goings."""

from collections.abc import Iterator
from datetime import date, timedelta

from portal.demo import sources
from portal.demo.staff import Somebody, Staff, Unit, ascii_of, dice


def make(today: date) -> Staff:
    """Plan everybody for a demo that begins on a day."""
    return _Maker(today).make()


class _Maker:
    def __init__(self, today: date) -> None:
        self.today = today
        self.org, self.story, self.how = sources.organisation(), sources.story(), sources.volumes()
        self.rng = dice("staff")
        self.names = self._names()
        self.units: dict[str, Unit] = {}
        self.people: dict[str, Somebody] = {}

    def make(self) -> Staff:
        self._make_units()
        self._make_story()
        sizes = self._sizes()
        for key, (count, titles) in sizes.items():
            self._fill(key, count, titles)
        self._name_oddly()
        self._choose_forms()
        self._choose_arrivals()
        self._choose_leaves()
        self._choose_leavers()
        self._address()
        return Staff(self.today, self.units, self.people)

    def day(self, number: int) -> date:
        return self.today + timedelta(days=number)

    def _names(self) -> Iterator[tuple[str, str]]:
        data = sources.read("names")
        used = {tuple(person["name"]) for person in self.story["people"].values()}
        whole = [tuple(each) for each in data["whole"]]
        rng = dice("names")
        rng.shuffle(whole)
        for count in range(10_000):
            if count % 9 == 4 and whole:
                yield whole.pop()
                continue
            name = (rng.choice(data["given"]), rng.choice(data["surnames"]))
            if name not in used:
                used.add(name)
                yield name

    def _make_units(self) -> None:
        org = self.org
        root = org["root"]
        self.units[root["key"]] = Unit(root["key"], root["name"], "", root["cost_centre"], root["group"])
        for office in org["offices"]:
            key, code = office["key"], str(office["cost_centre"])
            first = next(iter(org["kinds"].values()))["cost_centre"]
            self.units[key] = Unit(key, office["name"], root["key"], code + first, f"enhet-{key}", "", key)
            for kind in office["units"]:
                about = org["kinds"][kind]
                whole = f"{key}-{kind}"
                self.units[whole] = Unit(
                    whole, f"{about['name']} {office['name']}", key, code + about["cost_centre"],
                    f"enhet-{whole}", kind, key,
                )  # fmt: skip
        it = org["it"]
        self.units[it["key"]] = Unit(
            it["key"], it["name"], it["parent"], it["cost_centre"], f"enhet-{it['key']}", "it", it["parent"]
        )
        for each in it["units"]:
            self.units[each["key"]] = Unit(
                each["key"], each["name"], it["key"], each["cost_centre"], f"enhet-{each['key']}",
                each["key"], it["parent"],
            )  # fmt: skip

    def _make_story(self) -> None:
        for key, about in self.story["people"].items():
            last = about.get("last_day")
            person = Somebody(
                key,
                about["name"][0],
                about["name"][1],
                unit=about["unit"],
                title=about["title"],
                form=about["form"],
                first_day=self.day(about["first_day"]),
                last_day=self.day(last) if last is not None else None,
                is_past=last is not None and last < 0,
                leads=(about["leads"],) if about.get("leads") else (),
                coordinates=tuple(about.get("coordinates", ())),
            )
            self.people[key] = person
            for unit in person.leads:
                self.units[unit].head = key
        offices = {office["key"] for office in self.org["offices"]}
        for person in self.people.values():
            for unit in person.leads:
                if unit in offices:
                    person.leads = (unit, f"{unit}-ledning")
                    self.units[f"{unit}-ledning"].head = person.key

    def _sizes(self) -> dict[str, tuple[int, list[str]]]:
        sizes: dict[str, tuple[int, list[str]]] = {}
        for number, office in enumerate(self.org["offices"]):
            for kind, count in office["units"].items():
                titles = self.org["kinds"][kind]["titles"]
                if kind == "ledning":
                    shift = number % (len(titles) - 1)
                    titles = [titles[0], *titles[1 + shift :], *titles[1 : 1 + shift]]
                sizes[f"{office['key']}-{kind}"] = (count, titles)
        it = self.org["it"]
        sizes[it["key"]] = (it["people"], [it["title"]])
        for each in it["units"]:
            sizes[each["key"]] = (each["people"], each["titles"])
        return sizes

    def _fill(self, unit: str, count: int, titles: list[str]) -> None:
        here = [p for p in self.people.values() if p.unit == unit and not p.is_past]
        left = count - len(here)
        office, kind = self.units[unit].office, self.units[unit].kind
        heads = self.org["heads"]
        is_led = unit not in self.org["oddities"]["without_manager"]
        if not self.units[unit].head and is_led and left:
            is_office = kind == "ledning"
            boss = self._add(unit, heads["office"] if is_office else heads["unit"])
            boss.leads = (office, unit) if is_office else (unit,)
            for each in boss.leads:
                self.units[each].head = boss.key
            left -= 1
        for number in range(left):
            person = self._add(unit, titles[number % len(titles)])
            if kind == self.org["oddities"]["coordinators_in"] and number == 0:
                person.coordinates = (office,)

    def _add(self, unit: str, title: str, prefix: str = "p") -> Somebody:
        key = f"{prefix}{len(self.people):04d}"
        given, surname = next(self.names)
        person = Somebody(
            key, given, surname, unit=unit, title=title, form="permanent",
            first_day=self.day(-self.rng.randint(420, 9000)),
        )  # fmt: skip
        self.people[key] = person
        return person

    def _name_oddly(self) -> None:
        odd = self.org["oddities"]
        twins = odd["namesakes"]
        for person in self._ordinary(twins["unit"])[:2]:
            person.given_name, person.surname = twins["given_name"], twins["surname"]
        for unit in odd["protected"]:
            self._ordinary(unit)[0].is_protected = True
        bouncing = odd["bouncing_manager"]
        self.people[self.units[bouncing["unit"]].head].mail = bouncing["mail"]

    def _ordinary(self, unit: str = "", *, kinds: tuple[str, ...] = ()) -> list[Somebody]:
        """Return people without a part to play, whose employment may be anything."""
        teams = {each["unit"] for team in self.org["teams"] for each in team["members"] if "unit" in each}
        return [
            p
            for p in self.people.values()
            if p.key[0] == "p" and p.key[1:].isdigit() and not p.leads and not p.coordinates
            and (p.unit == unit if unit else p.unit not in teams or p.unit in kinds)
            and (not kinds or p.unit in kinds or self.units[p.unit].kind in kinds)
            and p.form == "permanent" and not p.is_protected and p.title != "vaktmästare"
        ]  # fmt: skip

    def _choose_forms(self) -> None:
        how = self.how["people"]
        total, shares = how["total"], how["forms"]
        group = self.story["seasonal_group"]
        inside = [p for p in self.people.values() if p.unit == group["unit"] and p.form == group["form"]]
        inside = [p for p in inside if not p.is_past]
        more = self._ordinary(group["unit"])[: group["people"] - len(inside)]
        for person in [*inside, *more]:
            self._make_seasonal(person)
            person.last_day = self.day(group["last_day"])
        wanted = {form: round(total * share) for form, share in shares.items()}
        wanted["seasonal"] -= group["people"]
        self._give("seasonal", wanted["seasonal"], tuple(how["seasonal_kinds"]), without=group["unit"])
        self._give("consultant", wanted["consultant"], tuple(how["consultant_kinds"]))
        self._give("fixed_term", wanted["fixed_term"], ())
        self._give("hourly", wanted["hourly"], ())

    def _give(self, form: str, count: int, kinds: tuple[str, ...], without: str = "") -> None:
        among = [p for p in self._ordinary(kinds=kinds) if p.unit != without]
        # a team of helpers keeps enough people of its own who stay
        for person in self.rng.sample(among, count):
            if form == "seasonal":
                self._make_seasonal(person)
            person.form = form

    def _make_seasonal(self, person: Somebody) -> None:
        titles = self.org["kinds"][self.units[person.unit].kind]["seasonal_titles"]
        person.form = "seasonal"
        if person.key[1:].isdigit():
            person.title = self.rng.choice(titles)

    def _choose_arrivals(self) -> None:
        """Say who came by an order during the year, and when everybody came and goes."""
        group = self.story["seasonal_group"]
        rng = self.rng
        ordered = {"permanent": 45, "fixed_term": 40, "seasonal": 40, "hourly": 6, "consultant": 24}
        for form, count in ordered.items():
            kinds = tuple(self.how["people"]["consultant_kinds"]) if form == "consultant" else ()
            able = [p for p in self.people.values() if p.form == form and p.key[1:].isdigit()]
            able = [p for p in able if not p.leads and not p.coordinates and not p.is_protected]
            able = [p for p in able if (p.unit, p.form) != (group["unit"], group["form"])]
            if form == "permanent":
                able = [p for p in able if p in self._ordinary(kinds=kinds)]
            for person in rng.sample(able, min(count, len(able))):
                person.comes = "external" if form == "consultant" else "ordered"
        companies = sources.phrases()["consultants"]
        for person in self.people.values():
            if not person.key[1:].isdigit() or (person.form == "permanent" and person.comes == "adopted"):
                continue
            self._choose_days(person, person.unit == group["unit"] and person.form == group["form"])
            if person.form == "consultant":
                company = rng.choice(companies)
                person.company, person.title = company["company"], company["assignment"]

    def _choose_days(self, person: Somebody, in_group: bool) -> None:
        rng = self.rng
        if person.comes == "adopted":
            person.first_day = self.day(
                -rng.randint(300, 350) if person.form == "seasonal" else -rng.randint(366, 640)
            )
        elif person.form == "permanent":
            person.first_day = self.day(-rng.randint(6, 330))
        elif person.form == "consultant":
            person.first_day = self.day(-rng.randint(6, 140))
        else:
            person.first_day = self.day(-rng.randint(6, 230))
        if in_group:
            person.first_day = self.day(-rng.randint(60, 150))
            return
        if person.form == "consultant":
            person.last_day = person.first_day + timedelta(days=rng.randint(172, 181))
            if person.last_day <= self.day(32):
                person.last_day = self.day(rng.randint(32, 40))
        elif person.form != "permanent":
            longest = (person.first_day + timedelta(days=362) - self.today).days
            most = (
                240 if person.comes == "adopted" else max(36, min(longest, 300))
            )  # extended, or still to be
            person.last_day = self.day(rng.randint(34, most))

    def _choose_leaves(self) -> None:
        about = self.story["people"]["karin"]["leave"]
        karin = self.people["karin"]
        karin.leave = {
            **about,
            "first_day": self.day(about["first_day"]),
            "last_day": self.day(about["last_day"]),
        }
        able = [p for p in self._ordinary() if p.comes == "adopted"]
        for person in self.rng.sample(able, self.how["people"]["on_parental_leave"] - 1):
            person.leave = {
                "kind": "parental",
                "first_day": self.day(-self.rng.randint(35, 280)),
                "last_day": self.day(self.rng.randint(32, 260)),
                "keep_phone": self.rng.random() < 0.6,
                "account_readable": self.rng.random() < 0.2,
            }

    def _choose_leavers(self) -> None:
        count = self.how["people"]["leaving_within_30_days"]
        resign = [p for p in self._ordinary() if p.comes == "adopted" and not p.leave]
        for person in self.rng.sample(resign, 4):
            person.ends, person.last_day = True, self.day(self.rng.randint(5, 28))
        able = [
            p for p in self.people.values()
            if p.key[1:].isdigit() and p.form in ("fixed_term", "hourly") and p.comes == "adopted"
            and not p.leave
        ]  # fmt: skip
        for person in self.rng.sample(able, count - 4):
            person.last_day = self.day(self.rng.randint(5, 28))

    def _address(self) -> None:
        """Give everybody an address of their own."""
        domain, used = self.org["root"]["domain"], set()
        for person in self.people.values():
            if person.mail:
                continue
            stem = ".".join(
                "-".join("".join(c if c.isalnum() else " " for c in ascii_of(part)).split())
                for part in (person.given_name, person.surname)
            )
            name, number = stem, 1
            while name in used:
                number += 1
                name = f"{stem}{number}"
            used.add(name)
            person.mail = f"{name}@{domain}"
