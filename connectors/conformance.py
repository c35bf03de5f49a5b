"""The suite that every connector runs, ours and other people's: subclass it and say how to open one.

    class TestDoorCards(Conformance):
        def open(self): return open_resource("doors", {...})
        def examples(self): return [Example("zone", {"card": "1", "zone": "A"}, ...)]

Every test makes its own objects from `examples()`, asked anew each time, and takes them away again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from connectors.base import Connector
from connectors.ensure import apply, plan, plan_absent
from connectors.errors import Conflict, Denied, Invalid, Misconfigured
from connectors.registry import describe_kind, open_resource
from connectors.trials import Example, Trial, ensure, may_fail, new_marker, raises, until_done

__all__ = ["Conformance", "Example"]

WRITES = ("create", "update", "delete")


class Conformance:
    """What is true of a connector, whatever it connects."""

    def open(self) -> Connector:
        """Open the resource to try; its walls allow what the examples want."""
        raise NotImplementedError

    def examples(self) -> Sequence[Example]:
        """Return at least one example of every kind that leaves something, with names nobody has."""
        raise NotImplementedError

    def wrong_config(self) -> Mapping[str, Any] | None:
        """Return a table whose settings are refused without a call; None if every table will do."""
        return None

    def test_it_declares_what_it_is(self) -> None:
        """Names, labels and kinds are there, and every kind can be drawn as a form."""
        connector = type(self.open())
        assert connector.key
        assert connector.title
        assert all(setting.label for setting in connector.settings)
        names = [kind.kind_name() for kind in connector.kinds]
        assert names
        assert len(set(names)) == len(names)
        for kind in connector.kinds:
            about = describe_kind(connector, {}, kind)
            assert about["key"], f"{about['name']} has no Key field"
            assert about["title"], f"{about['name']} has no docstring"
            optional = set(kind.model_fields) - set(kind.marked("key"))
            assert not [n for n in optional if kind.model_fields[n].is_required()], (
                "only keys may be required"
            )

    def test_its_check_says_something_and_is_well(self) -> None:
        """Every line of the check-up is fine here."""
        points = self.open().check()
        assert points
        assert all(point.ok and point.text for point in points), points

    def test_examples_cover_every_kind_that_leaves_something(self) -> None:
        """No kind goes untried."""
        kinds = {k.kind_name() for k in self.open().kinds if not k.is_once and not k.is_one_shot}
        assert kinds == {example.kind for example in self.examples()}

    def test_what_is_made_is_found_again_and_a_second_time_nothing_happens(self) -> None:
        """Creating is found by id, marker and key, shows what was wanted, and is done once."""
        for trial in self._each():
            with trial as (example, watched, marker):
                first = ensure(watched, example, marker)
                assert (first.action, first.made_by_us) == ("create", True)
                assert first.stable_id
                again = plan(watched, example.kind, example.wanted, marker=marker, stable_id=first.stable_id)
                assert (again.action, again.differences) == ("nothing", ())
                unknown_id = plan(watched, example.kind, example.wanted, marker=marker)
                assert unknown_id.action == "nothing"
                assert watched.calls.count("create") == 1

    def test_a_plan_writes_nothing(self) -> None:
        """Looking is only looking."""
        for trial in self._each():
            with trial as (example, watched, marker):
                plan(watched, example.kind, example.wanted, marker=marker)
                plan_absent(watched, example.kind, example.wanted, marker=marker)
                assert not set(watched.calls) & set(WRITES)

    def test_only_what_is_mentioned_changes(self) -> None:
        """Other values stay as they are, also those that somebody else put there."""
        for trial in self._each(lambda e: bool(e.change)):
            with trial as (example, watched, marker):
                made = ensure(watched, example, marker)
                keys = watched.kind(example.kind).marked("key")
                wish = {k: v for k, v in example.wanted.items() if k in keys} | dict(example.change)
                changed = ensure(watched, example, marker, wanted=wish, stable_id=made.stable_id)
                assert changed.action == "update"
                assert changed.stable_id == made.stable_id
                now = plan(watched, example.kind, {**example.wanted, **example.change}, marker=marker)
                assert (now.action, now.differences) == ("nothing", ())

    def test_mentioned_and_empty_is_cleared(self) -> None:
        """An empty value takes the value away."""
        for trial in self._each(lambda e: bool(e.clear)):
            with trial as (example, watched, marker):
                ensure(watched, example, marker)
                done = ensure(watched, example, marker, wanted={**example.wanted, example.clear: ""})
                assert done.action == "update"
                assert not done.values.get(example.clear)

    def test_what_a_stranger_made_is_a_conflict_and_stays(self) -> None:
        """The same key without our marker is somebody else's: not changed, not taken away."""
        for trial in self._each(lambda e: not self._is_link(e)):
            with trial as (example, watched, _):
                stranger = new_marker()
                made = ensure(watched, example, stranger)
                ours = plan(watched, example.kind, {**example.wanted, **example.change}, marker=new_marker())
                assert ours.action == "conflict"
                assert ours.text()
                raises(Conflict, partial(apply, watched, ours, new_marker()))
                assert (
                    plan_absent(watched, example.kind, example.wanted, marker=new_marker()).action
                    == "nothing"
                )
                kept = plan(watched, example.kind, example.wanted, marker=stranger, stable_id=made.stable_id)
                assert kept.action == "nothing"
                trial.remove(stranger)

    def test_a_link_that_was_there_is_nobodys_and_stays(self) -> None:
        """Of a link the key is the identity: nothing to do, not ours, and taken away only if told always."""
        for trial in self._each(self._is_link):
            with trial as (example, watched, marker):
                ensure(watched, example, marker)
                other = new_marker()
                seen = plan(watched, example.kind, example.wanted, marker=other)
                assert (seen.action, seen.made_by_us) == ("nothing", False)
                ours = plan(watched, example.kind, example.wanted, marker=other, began=True)
                assert ours.made_by_us
                kept = plan_absent(watched, example.kind, example.wanted, marker=other, made_by_us=False)
                assert kept.action == "nothing"
                gone = plan_absent(
                    watched, example.kind, example.wanted, marker=other, made_by_us=False, remove_always=True
                )
                assert gone.action == "delete"

    def test_a_lost_answer_makes_nothing_twice(self) -> None:
        """The object was made and nobody said so: it is found by its marker and taken as ours."""
        for how in ("after", "before"):
            for trial in self._each():
                with trial as (example, watched, marker):
                    watched.lose["create"] = how
                    made = until_done(watched, example, marker)
                    assert made.made_by_us
                    assert made.stable_id
                    assert watched.calls.count("create") == (1 if how == "after" else 2)

    def test_a_lost_answer_to_a_change_is_looked_up(self) -> None:
        """A change that got through is seen, one that did not is done again."""
        for how in ("after", "before"):
            for trial in self._each(lambda e: bool(e.change)):
                with trial as (example, watched, marker):
                    ensure(watched, example, marker)
                    watched.lose["update"] = how
                    wish = {**example.wanted, **example.change}
                    assert until_done(watched, example, marker, wanted=wish).stable_id
                    assert plan(watched, example.kind, wish, marker=marker).action == "nothing"

    def test_gone_is_gone_and_stays_so(self) -> None:
        """Absent takes away, also when the answer is lost, and a second time does nothing."""
        for how in ("", "after", "before"):
            for trial in self._each():
                with trial as (example, watched, marker):
                    made = ensure(watched, example, marker)
                    watched.lose = {"delete": how} if how else {}
                    for _ in range(3):
                        absent = plan_absent(
                            watched, example.kind, example.wanted, marker=marker, stable_id=made.stable_id
                        )
                        if absent.action == "nothing":
                            break
                        may_fail(partial(apply, watched, absent, marker))
                    assert plan(watched, example.kind, example.wanted, marker=marker).action == "create"
                    assert watched.calls.count("delete") == (2 if how == "before" else 1)

    def test_taking_away_what_is_gone_is_no_error(self) -> None:
        """Two who take away the same both succeed."""
        for trial in self._each(lambda e: not self._is_link(e)):
            with trial as (example, watched, marker):
                ensure(watched, example, marker)
                absent = plan_absent(watched, example.kind, example.wanted, marker=marker)
                apply(watched, absent, marker)
                apply(watched, absent, marker)

    def test_awkward_names_are_only_names(self) -> None:
        """What looks like a question to the system is looked for literally and finds nobody."""
        for trial in self._each():
            with trial as (example, watched, marker):
                ensure(watched, example, marker)
                texts = [
                    n for n in watched.kind(example.kind).marked("key") if isinstance(example.wanted[n], str)
                ]
                for name in texts:
                    for value in (
                        "*",
                        "*)(uid=*",
                        "a\\2a",
                        "(|(cn=*))",
                        "x,ou=people",
                        '#x +y"<>;=\\',
                        "Åsa Öst *",
                    ):
                        odd = {**example.wanted, name: value}
                        with watched:
                            assert watched.find(watched.kind(example.kind).read(odd)) is None, value

    def test_a_list_shows_what_is_there(self) -> None:
        """What can be listed shows our object with its key and id, and not after it is gone."""
        for trial in self._each():
            with trial as (example, watched, marker):
                made = ensure(watched, example, marker)
                kind, inner = watched.kind(example.kind), watched.inner
                try:
                    with inner:
                        ids = {found.stable_id for found in inner.list(kind)}
                except Misconfigured:
                    continue
                assert made.stable_id in ids
                trial.remove(marker)
                with inner:
                    assert made.stable_id not in {found.stable_id for found in inner.list(kind)}

    def test_what_is_outside_the_walls_is_denied_before_any_call(self) -> None:
        """A kind that items may not use is never asked about."""
        for trial in self._each():
            with trial as (example, watched, marker):
                watched.calls.clear()
                watched.stated_walls = {**watched.stated_walls, "kinds": []}
                raises(Denied, partial(plan, watched, example.kind, example.wanted, marker=marker))
                assert watched.calls == []

    def test_an_unknown_attribute_or_kind_is_named(self) -> None:
        """A slip of the pen is an Invalid that says which word."""
        for trial in self._each():
            with trial as (example, watched, marker):
                wish = {**example.wanted, "colour_of_shoes": "red"}
                error = raises(Invalid, partial(plan, watched, example.kind, wish, marker=marker))
                assert error.field == "colour_of_shoes"
        raises(Invalid, lambda: self.open().kind("no-such-kind"))

    def test_wrong_settings_are_misconfigured(self) -> None:
        """Settings that cannot work are refused before anybody is called."""
        config = self.wrong_config()
        if config is not None:
            raises(Misconfigured, lambda: open_resource("wrong", config))

    def _is_link(self, example: Example) -> bool:
        return self.open().kind(example.kind).is_link

    def _each(self, fits: Callable[[Example], bool] = lambda _: True) -> Iterator[Trial]:
        """Yield a trial of each example that fits."""
        for example in self.examples():
            if fits(example):
                yield Trial(self.open, example)
