"""The main job through the web, in a real directory, read back by an independent connection.

Sam orders an account for somebody who is not here yet; Mia decides from the link in her letter; the account
is made closed, opened on the first day; Mia shows the first password once; the worker signs in to the
directory with it; the day after the last day it is closed.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from portal.settings import Settings
from tests.journeys.house import LINK, PASSWORD, House, open_house


@pytest.fixture(params=["embedded", "slapd"])
def house(request: pytest.FixtureRequest, settings: Settings) -> Iterator[House]:
    """The organisation on the demo's directory, and on a real OpenLDAP."""
    with open_house(settings, request.getfixturevalue(request.param).config()) as opened:
        yield opened


def answers(house: House, surname: str, first: date, last: date) -> dict[str, Any]:
    """What Sam fills in."""
    return {
        "a.worked_here": "no",
        "a.given_name": "Åsa",
        "a.surname": surname,
        "a.form": "seasonal",
        "a.first_day": first.isoformat(),
        "a.last_day": last.isoformat(),
        "a.job_title": "Nationalparksvärd",
        "a.at_unit": str(house.cast.unit.id),
        "a.workplace": "field",
    }


def hidden(page: str) -> dict[str, str]:
    """What a form carries without showing it."""
    tags = re.findall(r'<input[^>]*type="hidden"[^>]*>', page)
    found = [(re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in tags]
    return {name[1]: value[1] for name, value in found if name and value}


def faults(response: TestResponse) -> str:
    """What a page says, for reading a failed test."""
    main = response.get_data(as_text=True).partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())[:600]


def test_the_main_job_through_the_web_in_a_real_directory(
    house: House, request: pytest.FixtureRequest
) -> None:
    surname = f"Öberg{request.node.callspec.id}"
    uid = "asaobe"
    client, today = house.client, house.cast.today
    house.cast.session.commit()  # the test's own session holds the lock no longer
    first, last = today + timedelta(days=2), today + timedelta(days=4)
    client.sign_in("sam", PASSWORD)
    path, filled = "/order/employee-account", answers(house, surname, first, last)
    begun = client.send(path, {**hidden(client.get(path).get_data(as_text=True)), **filled, "refresh": "1"})
    sent = client.send(path, {**hidden(begun.get_data(as_text=True)), **filled})
    assert sent.status_code == 303, faults(sent)
    number = sent.headers["Location"].rsplit("/", 1)[1]
    client.send("/sign-out")

    house.work()
    letters = house.letters("mia@example.test")
    assert len(letters) == 1, letters
    (letter,) = letters
    assert number in letter.splitlines()[0]
    link = LINK.search(letter)
    assert link
    for _ in range(100):
        assert client.get(link[1]).status_code == 200
    assert house.entry(uid) is None
    token = link[1].rsplit("/", 1)[1]
    yes = {**hidden(client.get(link[1]).get_data(as_text=True)), "token": token, "decision": "approve"}
    decided = client.send("/approve", yes, page=link[1])
    assert decided.status_code == 303, faults(decided)
    assert "Mia Berg" in client.get(link[1]).get_data(as_text=True)

    house.work()
    made = house.entry(uid)
    assert made is not None
    assert made["sn"] == [surname] or made["sn"] == surname
    assert made["pwdAccountLockedTime"]

    house.work(days=2)
    assert not house.entry(uid)["pwdAccountLockedTime"], house.stands(number)  # type: ignore[index]
    told_mia = house.letters("mia@example.test")
    links = [found[1] for found in map(LINK.search, told_mia) if found and "/first-password/" in found[1]]
    assert len(links) == 1, told_mia
    opened = {"token": links[0].rsplit("/", 1)[1]}
    answer = client.send("/first-password", opened, page=links[0])
    shown = answer.get_data(as_text=True)
    password = re.search(r"(?s)id=\"password\"[^>]*>\s*([\w-]+)", shown)
    assert password, faults(answer)
    assert house.can_bind(made["dn"], password[1])
    assert password[1] not in client.get(links[0]).get_data(as_text=True)

    house.work(days=3)
    assert house.entry(uid)["pwdAccountLockedTime"]  # type: ignore[index]
    assert not house.can_bind(made["dn"], password[1])
    client.sign_in("sam", PASSWORD)
    assert client.get(f"/requests/{number}").status_code == 200
