"""Connected systems and settings: what is in force, what is wrong, and going on when it is mended."""

from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.errors import Misconfigured, Unavailable
from portal import clock
from portal.domain import ordering
from portal.models.audit import AuditEvent
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.models.team import Grant
from portal.work.world import build_world
from tests.cast import Cast, publish_text, told
from tests.views.staff import VPN, House, make_house, text

SECRET = "hunter22-of-the-directory"


@pytest.fixture
def house(cast: Cast) -> House:
    """The cast's portal; a secret in a file belongs to the directory's settings."""
    folder = cast.settings.data_dir
    file = folder / "resources.toml"
    (folder / "password").write_text(SECRET)
    file.write_text(file.read_text().replace('["*"]', '["*", "file:password"]'))
    cast.settings.take({"files.secrets": (str(folder), "test")})
    publish_text(cast.session, VPN)
    return make_house(cast)


def order(house: House, key: str = "one") -> ServiceRequest:
    cast = house.cast
    request = ordering.submit(cast.session, cast.version("vpn"), {}, actor=cast.noah, key=key)
    cast.work()
    return request


def test_a_wrong_password_pauses_the_system_in_one_place_and_cases_go_on_when_it_is_mended(
    house: House,
) -> None:
    cast, eva = house.cast, house.eva()
    cast.store.fail_next(
        Misconfigured(
            "The directory does not accept the portal's password.",
            detail=f"LDAP 49 invalidCredentials password={SECRET}",
            advice="Put the right password into the secret.",
        )
    )

    request = order(house)

    assert told(cast.session, request)[0].startswith("account ready")
    page = text(eva, "/resources")
    assert "Paused" in page
    assert "does not accept the portal&#39;s password" in page
    assert "Put the right password into the secret." in page
    assert "1 step" in page
    assert SECRET not in page
    assert "is paused" in text(eva, "/work")
    assert "Needs attention" not in text(eva, "/work")
    attempts = house.task(request).attempts

    cast.work()

    assert (house.task(request).state, house.task(request).attempts) == ("ready", attempts)

    (cast.settings.data_dir / "password").write_text("the right one")
    cast.work()

    assert told(cast.session, request) == ["account done"]
    after = text(eva, "/resources")
    assert "Working" in after
    assert "Nobody is locked out" not in after


def test_trying_now_lets_a_paused_system_go_on(house: House) -> None:
    house.cast.store.fail_next(Misconfigured("Wrong port."))
    request = order(house)
    eva = house.eva()
    assert "/resources/staff-directory/try" in text(eva, "/resources")

    done = eva.send("/resources/staff-directory/try", page="/resources")
    house.cast.work()

    assert done.status_code == 303
    assert told(house.cast.session, request) == ["account done"]
    actions = house.cast.session.scalars(
        select(AuditEvent.action).where(AuditEvent.subject_kind == "resource_status")
    )
    assert list(actions) == ["pause", "carry_on"]


def test_a_system_that_does_not_answer_may_be_tried_at_once(house: House) -> None:
    cast = house.cast
    cast.store.fail_next(Unavailable("Nobody answers at ldap.example.test."))
    request = order(house)
    eva = house.eva()
    page = text(eva, "/resources")
    due = house.task(request).not_before

    done = eva.send("/resources/staff-directory/try", page="/resources")

    assert "No contact" in page
    assert "Nobody answers at ldap.example.test." in page
    assert due is not None
    assert due > clock.now()
    assert done.status_code == 303
    task = house.task(request)
    assert task.not_before is not None
    assert task.not_before <= clock.now()


def test_looking_is_not_operating(house: House) -> None:
    cast = house.cast
    cast.session.add(Grant(person_id=cast.lars.id, right="resources.view", scope_kind="all", scope_ref=""))
    cast.store.fail_next(Misconfigured("Wrong port."))
    order(house)
    lars = house.client(cast.lars)

    assert "Wrong port." in text(lars, "/resources")
    assert "/try" not in text(lars, "/resources")
    assert lars.send("/resources/staff-directory/try", page="/resources").status_code == 403
    assert house.client(cast.olof).get("/resources").status_code == 403


def test_a_right_for_another_system_does_not_reach_this_one(house: House) -> None:
    cast = house.cast
    for right in ("resources.view", "resources.operate"):
        cast.session.add(
            Grant(person_id=cast.lars.id, right=right, scope_kind="resource", scope_ref="elsewhere")
        )
    cast.store.fail_next(Misconfigured("Wrong port."))
    order(house)
    lars = house.client(cast.lars)

    assert "staff-directory" not in text(lars, "/resources")
    assert lars.send("/resources/staff-directory/try", page="/resources").status_code == 404
    assert house.eva().send("/resources/nothing/try", page="/resources").status_code == 404


def test_a_file_that_cannot_be_read_is_said_on_the_page(house: House) -> None:
    (house.cast.settings.data_dir / "resources.toml").write_text("[resources.x]\nmode = 'fly'\n")

    page = text(house.eva(), "/resources")

    assert "cannot be used as it is now" in page
    assert "mode is one of plan, ask, auto" in page


def test_a_system_is_named_in_the_readers_language(house: House) -> None:
    cast = house.cast
    file = cast.settings.data_dir / "resources.toml"
    file.write_text(file.read_text() + 'title = {sv = "Katalogen", en = "The directory"}\n')
    cast.database.tell(world=build_world(cast.settings))
    cast.store.fail_next(Misconfigured("Wrong port."))
    order(house)
    eva = house.eva()

    assert "The directory" in text(eva, "/resources")
    assert "The directory is paused" in text(eva, "/work")
    assert "Katalogen" not in text(eva, "/resources")


def test_the_settings_in_force_are_shown_without_secrets(house: House) -> None:
    page = text(house.eva(), "/settings")

    assert "portal.data_dir" in page
    assert str(house.cast.settings.data_dir) in page
    assert "secret.key" in page
    assert house.cast.settings.text("secret.key") not in page
    assert "The mail server; empty means that letters wait until there is one." in page
    assert house.client(house.cast.olof).get("/settings").status_code == 403


def test_no_step_costs_an_attempt_while_its_system_is_paused(house: House) -> None:
    house.cast.store.fail_next(Misconfigured("Wrong port."))
    request = order(house)

    house.cast.next_day()

    task = house.cast.session.scalars(select(Task).where(Task.request_id == request.id)).one()
    assert (task.state, task.attempts) == ("ready", 0)
    assert Path(house.cast.settings.text("files.resources")).exists()
