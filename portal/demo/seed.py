"""Making the demo's history: first what the first page needs, the rest behind it.

`Seeder` plans everything from one seed and one moment, so that a second process goes on where the first left
off. All of it is written through the verbs, about twenty chains of orders in a transaction.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from sqlalchemy import select

from connectors import memory
from portal import clock
from portal.db import Database
from portal.demo import before, catalog, mark, organisation, plan, sources, staff, staffing, store
from portal.demo.differences import Differences
from portal.demo.newcomers import JUST_GONE
from portal.demo.organisation import Book
from portal.demo.pen import OnePen, Places, counters, database_of, number_cases, post_all, put_counters
from portal.demo.player import Player
from portal.demo.progress import Progress, note
from portal.demo.wishes import Chain
from portal.models.holding import Account
from portal.models.work import OutboundMail, SearchMiss
from portal.settings import Settings
from portal.work import mail, reminders
from portal.work.world import build_world

RESOURCES = """\
# History is made in memory; the directory gets what came of it.
[resources.staff-directory]
connector = "memory"
mode = "auto"
concurrency = 4
store = "{store}"
walls = {{ groups = {groups} }}
"""
BEFORE_PORTAL, BEFORE_HR = timedelta(days=369), timedelta(days=430)

TOUCHING = ("mobile-subscription", "records-access")
"""Items whose orders write into the places that are to differ."""

Heard = Callable[[int, int], None]


class Seeder:
    """Writes the demo into a database."""

    def __init__(
        self, settings: Settings, moment: datetime, *, scale: float = 1.0, synchronous: str = "OFF"
    ) -> None:
        """Plan everything; nothing is written yet."""
        self.moment = moment
        self.staff = staffing.make(clock.local_day(moment, clock.DEFAULT_ZONE))
        self.chains = plan.make(self.staff, moment, scale=scale)
        self.orders = sum(len(chain.wishes) for chain in self.chains)
        self.days = sources.volumes()["history"]["newest_first_days"]
        self.settings = history_settings(settings)
        self.kept = memory.store(store.STORE)
        self.kept.objects.clear()
        self.kept.ledger.clear()
        info = {"world": build_world(self.settings), "settings": self.settings, "zone": settings.zone}
        self.base = OnePen(settings.database_url, info, synchronous=synchronous)
        self.pen = self.base.pen
        self.places = Places(sorted(wish.at for chain in self.chains for wish in chain.wishes))
        self.book = Book(self.staff)
        self.is_checking = False
        self._player: Player | None = None

    def __enter__(self) -> Self:
        """Open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.base.dispose()
        memory.forget(store.STORE)

    @property
    def player(self) -> Player:
        """The one who plays the chains."""
        if self._player is None:
            self._player = Player(self.base, self.settings, self.book, self.kept, self.moment)
            self._player.is_checking = self.is_checking
        return self._player

    @property
    def database(self) -> Database:
        """The database as verbs and workers see it."""
        return database_of(self.base)

    def begin(self, heard: Heard = lambda done, of: None) -> None:
        """Write all that the first page needs."""
        self._lay_ground()
        chains = sorted((c for c in self.chains if self._is_first(c)), key=lambda chain: chain.begins)
        story = self._play(chains, heard, done=0, tells=True)
        self._write_letters(story)
        with clock.at(self.moment):
            catalog.draft(self.pen, self.book)
            self._miss_searches()
            mark.note_made(self.pen)
        self._keep(Progress(self.moment, sum(len(c.wishes) for c in chains), self.orders, 0))

    def go_on(
        self,
        progress: Progress,
        heard: Heard = lambda done, of: None,
        carry: Callable[[], object] = lambda: None,
    ) -> None:
        """Write the rest, the newest first; `carry` brings each part into the directory."""
        if not self.book.people:
            self.book = Book.open(self.pen, self.staff)
            store.fill(self.kept, self.staff)
            store.restore(self.pen, self.kept)
            number_cases(self.pen, self.places)
            self.kept.ledger += [("again", kind, key) for kind, key in progress.pending]
        chains = sorted(
            (c for c in self.chains if not self._is_first(c)), key=lambda c: c.begins, reverse=True
        )
        size = sources.volumes()["history"]["cases_a_transaction"]
        done = progress.done
        for start in range(progress.chains, len(chains), size):
            part, place = chains[start : start + size], len(self.kept.ledger)
            self._play_part(part, ())
            done += sum(len(chain.wishes) for chain in part)
            fresh = tuple(store.named_since(self.kept, place))
            self._keep(Progress(self.moment, done, self.orders, start + len(part), pending=fresh))
            carry()
            heard(done, self.orders)
        self._things(story=False)
        self._keep(Progress(self.moment, self.orders, self.orders, len(chains), is_whole=True))
        carry()
        heard(self.orders, self.orders)

    def directory(self, names: store.Names) -> tuple[Iterator[store.Entry], Differences]:
        """Return what the directory is loaded with, and where it differs from the portal."""
        spare = self._usernames(
            p.key for p in organisation.early(self.staff) if p.key[1:].isdigit() and p.form == "permanent"
            and not p.leave and not p.ends and not p.is_protected and not p.leads
        )  # fmt: skip
        planned = {chain.person for chain in self.chains}
        planned |= {
            key for chain in self.chains for wish in chain.wishes if wish.item in TOUCHING
            for key in (wish.by, wish.whom)
        }  # fmt: skip
        busy = self._usernames(key for key in planned if key in self.book.people)
        ended = self._usernames([JUST_GONE])
        differences = Differences(self.kept, names, spare=spare - busy, ended=ended)
        return differences.changed(store.entries(self.kept, names)), differences

    def _usernames(self, keys: Collection[str] | Iterator[str]) -> set[str]:
        ids = [self.book.people[key] for key in keys]
        query = select(Account.key).where(Account.kind == "account", Account.person_id.in_(ids))
        return set(self.pen.scalars(query))

    def _lay_ground(self) -> None:
        """Write the organisation, the catalog and the accounts there were before the portal came."""
        store.fill(self.kept, self.staff)
        with clock.at(self.moment - BEFORE_HR):
            self.book = organisation.write(self.pen, self.staff)
            self.pen.commit()
        catalog.publish(self.pen, self.book, self.moment)
        number_cases(self.pen, self.places)
        with clock.at(self.moment - BEFORE_PORTAL):
            before.Adopter(self.pen, self.book, self.kept).accounts(organisation.early(self.staff))
            self._things(story=True)
            self.pen.commit()

    def _is_first(self, chain: Chain) -> bool:
        """Say whether the first page needs a chain: the story, what is open, the newest, some mailboxes."""
        if chain.key.startswith(("open-", plan.FIRST_MAILBOXES)):
            return True
        if chain.person and not chain.person[1:].isdigit():
            return True
        return chain.begins >= self.moment - timedelta(days=self.days)

    def _play(self, chains: Sequence[Chain], heard: Heard, *, done: int, tells: bool) -> set[int]:
        size = sources.volumes()["history"]["cases_a_transaction"]
        story: set[int] = set()
        for start in range(0, len(chains), size):
            part = chains[start : start + size]
            story |= self._play_part(part, story)
            done += sum(len(chain.wishes) for chain in part)
            heard(done, self.orders)
        return story

    def _play_part(self, chains: Sequence[Chain], story: Collection[int]) -> set[int]:
        """Play some chains in the transaction that is open; return the cases whose letters are to be read."""
        numbers = counters(self.pen)
        told: set[int] = set(story)
        for chain in chains:
            if chain.adopts:
                self._adopt(chain)
            self.player.play(chain)
            told |= {case for case, wish in self.player.wish_of.items() if wish.is_story}
        store.settle_ids(self.pen, self.kept)
        with clock.at(self.moment - timedelta(hours=2)):
            reminders.send_due(self.pen)
            self.pen.commit()
        post_all(self.pen, self.moment, but=told)
        self._put_numbers(numbers)
        return told

    def _adopt(self, chain: Chain) -> None:
        with clock.at(self.moment - BEFORE_PORTAL):
            person = self.staff.people[chain.person]
            organisation.write_people(self.pen, self.book, [person])
            before.Adopter(self.pen, self.book, self.kept).accounts([person])
            self.pen.commit()

    def _things(self, *, story: bool) -> None:
        """Take over the computers and telephones of those who have ordered none."""
        ordered = {(w.whom or w.by, w.item) for chain in self.chains for w in chain.wishes}
        people = sources.story()["people"]
        who = [
            p for p in self.staff.people.values()
            if p.comes == "adopted" and not p.is_past and (p.key in people) == story
            and (story or not p.leave)
        ]  # fmt: skip
        with clock.at(self.moment - BEFORE_PORTAL):
            before.Adopter(self.pen, self.book, self.kept).things(who, ordered)
            self.pen.commit()

    def _put_numbers(self, before_us: dict[str, int]) -> None:
        """Give the running number back what people have reached, above all that history may take."""
        year = f"case-{clock.local_day(self.moment, clock.DEFAULT_ZONE).year % 100:02d}"
        least = self.places.number_after(self.moment)
        put_counters(self.pen, {**before_us, year: max(before_us.get(year, 0), least)})

    def _write_letters(self, story: Collection[int]) -> None:
        """Send the letters of the story, each at its time."""
        query = select(OutboundMail.created_at).where(OutboundMail.state == "queued").distinct()
        for moment in sorted(self.pen.scalars(query)):
            with clock.at(moment):
                mail.send_due(self.database, self.settings)

    def _miss_searches(self) -> None:
        rng = staff.dice("searches")
        for words in sources.phrases()["search_misses"]:
            at = self.moment - timedelta(days=rng.randint(2, 300), minutes=rng.randint(0, 400))
            self.pen.add(SearchMiss(query=words, language="sv", at=at))

    def _keep(self, progress: Progress) -> None:
        note(self.pen, progress)
        self.pen.keep()
        self.pen.forget()


def history_settings(settings: Settings) -> Settings:
    """Return the settings with which history is made: the same, but its directory is in memory."""
    file = settings.data_dir / "history.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(RESOURCES.format(store=store.STORE, groups=sources.GROUPS), "utf-8")
    made = Settings({name: settings[name] for name in settings if not settings.is_default(name)})
    made.take({"files.resources": (str(file), "demo")})
    return made


__all__ = ["Path", "Seeder"]
