"""The six places where the directory and the portal disagree, so that comparing them has a true answer."""

import uuid
from collections.abc import Iterable, Iterator

from connectors import memory
from portal.demo import sources
from portal.demo.staff import dice
from portal.demo.store import SHAPE, Entry, Names

ORPHANS = (("testkonto2", "Test", "Konto"), ("sommar19", "Sommarjobb", "Nitton"))
MARRIED = "Ekholm-Strand"
BY_HAND = "diariet-sekretess"


class Differences:
    """Chooses what differs, and changes entries on their way into the directory."""

    def __init__(
        self, kept: memory.Store, names: Names, *, spare: Iterable[str], ended: Iterable[str]
    ) -> None:
        """`spare` are user names that history will not touch again, `ended` those of people who have left."""
        self.names, self.told = names, list[tuple[str, str]]()
        self.how = sources.volumes()["differences"]
        rng = dice("differences")
        free = sorted(spare)
        rng.shuffle(free)
        inside = sorted(row["key"] for row in kept.objects["membership"].values() if "/ enhet-" in row["key"])
        self.enabled = set(sorted(ended)[: self.how["enabled_past_end"]])
        self.missing = set(
            [key for key in inside if key.partition(" / ")[0] in free[2:]][: self.how["missing_membership"]]
        )
        self.renamed = set(free[: self.how["changed_name"]])
        self.added = set(free[self.how["changed_name"] :][: self.how["group_added_by_hand"]])

    def changed(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Yield the entries as they are found in the directory."""
        added = {self.names.account(name) for name in self.added}
        missing = {tuple(key.split(" / ")) for key in self.missing}
        for dn, attributes in entries:
            user, group = attributes.get("uid", [""])[0], attributes.get("cn", [""])[0]
            if user in self.enabled:
                attributes.pop(SHAPE.locked, None)
                self.told.append(("enabled_past_end", user))
            if user in self.renamed:
                attributes["sn"] = [MARRIED]
                self.told.append(("changed_name", user))
            if "member" in attributes:
                gone = {self.names.account(name) for name, of in missing if of == group}
                hand = [
                    name for name in sorted(added) if group == BY_HAND and name not in attributes["member"]
                ]
                attributes["member"] = [each for each in attributes["member"] if each not in gone] + hand
                self.told += [("missing_membership", group)] * len(gone)
                self.told += [("group_added_by_hand", group)] * len(hand)
            yield dn, attributes
        for username, given, surname in ORPHANS[: self.how["orphan_account"]]:
            self.told.append(("orphan_account", username))
            yield self.names.account(username), {
                "objectClass": list(SHAPE.account_classes()), "uid": [username], "givenName": [given],
                "sn": [surname], "cn": [f"{given} {surname}"], "entryUUID": [str(uuid.uuid4())],
            }  # fmt: skip
