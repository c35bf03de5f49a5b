"""Letters about last days: reminders to those who lead, notices to those who have something."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from portal.domain import holdings, links
from portal.domain.world import world_of
from portal.i18n import text
from portal.models.employment import Employment
from portal.models.holding import Holding
from portal.work.letters.desk import Desk, NoLetter, NotNeeded
from portal.work.letters.facts import name_of
from portal.work.letters.paper import one_line

HELD = ("planned", "active", "suspended")


def reminder(desk: Desk) -> dict[str, Any]:
    """Say whose last day is near, and offer to extend where the policy does."""
    session = desk.session
    last = _day(desk.data, "day")
    answered = set(desk.data.get("let_end", ()))  # somebody may be quicker than the letter
    ids = [int(each) for each in desk.data.get("employments", ()) if each not in answered]
    found = session.scalars(select(Employment).where(Employment.id.in_(ids)).order_by(Employment.id))
    ending = [each for each in found if not each.is_cancelled and each.last_day == last]
    if not ending or last is None:
        raise NotNeeded
    first, can_extend = ending[0], bool(desk.data.get("can_extend"))
    return {
        "whom": name_of(first.person, desk.language),
        "unit": one_line(first.unit.name),
        "people": [(name_of(each.person, desk.language), one_line(each.title)) for each in ending],
        "things": _things(desk, first),
        "last_day": last,
        "closes_on": last + timedelta(days=1),
        "can_extend": can_extend,
        "extend_url": _extend_url(desk) if can_extend else "",
        "change_url": desk.url("/order/change-employment"),
    }


def _extend_url(desk: Desk) -> str:
    """Mint a link whose subject is this letter: its row names the employments and the day."""
    token = links.mint(
        desk.session, "extend", subject_kind="mail", subject_id=desk.mail.id, person=desk.mail.person
    )
    return desk.url(f"/extend/{token}")


def _things(desk: Desk, employment: Employment) -> list[str]:
    rows = desk.session.scalars(
        select(Holding)
        .where(Holding.employment_id == employment.id, Holding.state.in_(HELD))
        .order_by(Holding.id)
    )
    return list(dict.fromkeys(_title(desk, each) for each in rows))


def _title(desk: Desk, holding: Holding) -> str:
    main = desk.settings.main_language
    own = text(holding.values.get("title"), desk.language, main=main)
    return one_line(own or holdings.item_of(desk.session, holding).title.get(desk.language, main))


def _day(data: Mapping[str, Any], name: str) -> date | None:
    return holdings.as_day(data.get(name))


def _holding(desk: Desk) -> Holding:
    number = desk.data.get("holding") or (desk.mail.request_id and desk.request.holding_id)
    found = desk.session.get(Holding, number) if number else None
    if found is None:
        raise NoLetter("the letter names nothing that somebody has")
    return found


def end_notice(desk: Desk) -> dict[str, Any]:
    """Say that something ends soon."""
    holding = _holding(desk)
    if holding.ends_on is None or holding.state not in HELD:
        raise NotNeeded
    return {"item": _title(desk, holding), "last_day": holding.ends_on, "mine_url": desk.url("/mine")}


def ended(desk: Desk) -> dict[str, Any]:
    """Say that something has ended, and until when it can come back as it was."""
    holding = _holding(desk)
    employment = holding.employment
    grace = None
    if employment is not None and holding.ends_on is not None and holding.state == "ending":
        days = world_of(desk.session).policy(employment.form).grace_days
        grace = holding.ends_on + timedelta(days=days)
    return {
        "item": _title(desk, holding),
        "whom": "",
        "last_day": holding.ends_on,
        "grace_until": grace,
        "mine_url": desk.url("/mine"),
    }


def hr_overrules(desk: Desk) -> dict[str, Any]:
    """Say that the source's own value has changed, so that it rules again."""
    employment = desk.session.get(Employment, desk.data.get("employment", 0))
    if employment is None or employment.is_cancelled:
        raise NotNeeded
    return {
        "whom": name_of(employment.person, desk.language),
        "new_day": employment.last_day,
        "old_day": _day(desk.data, "before"),
        "change_url": desk.url("/order/change-employment"),
    }
