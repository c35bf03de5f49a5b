"""Master keys, sealed values and tokens."""

import stat
from pathlib import Path

import pytest

from portal import keys
from portal.keys import KeyProblem, Keys

OLD, NEW = "old " * 10, "new " * 10


def test_what_is_sealed_opens_for_its_purpose_only() -> None:
    ring = Keys([OLD])
    sealed = ring.seal("first-password", b"Sommar-2026")

    assert ring.open_sealed("first-password", sealed) == b"Sommar-2026"
    assert "Sommar" not in sealed
    with pytest.raises(KeyProblem):
        ring.open_sealed("something else", sealed)


def test_sealing_twice_gives_two_results() -> None:
    ring = Keys([OLD])

    assert ring.seal("p", b"same") != ring.seal("p", b"same")


def test_after_a_change_of_key_the_old_things_still_open() -> None:
    sealed, signed = Keys([OLD]).seal("p", b"x"), Keys([OLD]).mac("audit", b"x")

    both = Keys([NEW, OLD])

    assert both.open_sealed("p", sealed) == b"x"
    assert both.mac_holds("audit", b"x", signed)
    assert both.mac("audit", b"x") != signed


def test_a_key_that_is_gone_is_said_in_words() -> None:
    sealed = Keys([OLD]).seal("p", b"x")

    with pytest.raises(KeyProblem, match="no longer has"):
        Keys([NEW]).open_sealed("p", sealed)


@pytest.mark.parametrize("place", [0, 12, -3])
def test_changed_text_does_not_open(place: int) -> None:
    sealed = list(Keys([OLD]).seal("p", b"x" * 20))
    sealed[place] = "A" if sealed[place] != "A" else "B"

    with pytest.raises(KeyProblem):
        Keys([OLD]).open_sealed("p", "".join(sealed))


def test_every_use_has_its_own_key() -> None:
    ring = Keys([OLD])

    assert len({ring.derive(purpose) for purpose in ("cookie", "audit", "first-password")}) == 3


def test_a_signature_of_other_data_does_not_hold() -> None:
    ring = Keys([OLD])

    assert not ring.mac_holds("audit", b"y", ring.mac("audit", b"x"))


@pytest.mark.parametrize("masters", [[], ["  "], ["too short"], [OLD, "short"]])
def test_weak_keys_are_refused(masters: list[str]) -> None:
    with pytest.raises(KeyProblem):
        Keys(masters)


def test_a_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = keys.load("", tmp_path / "data")
    again = keys.load("", tmp_path / "data")

    assert again.open_sealed("p", first.seal("p", b"x")) == b"x"
    assert [each.name for each in (tmp_path / "data").iterdir()] == ["secret-key"]
    assert stat.S_IMODE((tmp_path / "data" / "secret-key").stat().st_mode) == 0o600


def test_tokens_are_long_and_only_their_hash_is_kept() -> None:
    token = keys.token()

    assert len(token) >= 43
    assert keys.token_hash(token) != token
    assert keys.token_hash(token) == keys.token_hash(token)
