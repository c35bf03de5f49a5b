"""Every page there is, whom it is shown to, and where it is; each with something on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from tests.journeys.scene import Scene


@dataclass(frozen=True)
class Stop:
    """A page as one person sees it, after pressing something if need be; `who` is of the cast, or nobody."""

    who: str
    path: str
    press: tuple[str, ...] = ()
    status: int = 200


NO_PAGES: Final = {
    "assets.show": "what pages are dressed in",
    "audit.download": "a file",
    "reports.download": "a file",
    "health.live": "a word for machines",
    "health.ready": "a word for machines",
    "requests.live": "a part of a page",
    "demo.frame": "a letter, seen inside demo.letter",
    "dev.components": "only with --debug; the components' own test looks at it",
}
"""What answers to GET and is no page."""


PAGES: Final[Mapping[str, Callable[[Scene], list[Stop]]]] = {
    "approvals.index": lambda s: [Stop("mia", "/approvals")],
    "approvals.landing": lambda s: [
        Stop("", f"/approve/{s.link(s.approval(s.waiting))}"),
        Stop("", f"/approve/{s.link(s.approval(s.rejected))}"),
    ],
    "approvals.show": lambda s: [
        Stop("mia", f"/requests/{s.coming.number}/decide"),
        Stop("mia", f"/requests/{s.rejected.number}/decide"),
    ],
    "audit.index": lambda s: [Stop("eva", "/audit")],
    "catalog.category": lambda s: [Stop("mia", "/catalog/accounts")],
    "catalog.index": lambda s: [Stop("noah", "/catalog")],
    "catalog.search": lambda s: [Stop("noah", "/search?q=vpn"), Stop("noah", "/search?q=zzzz")],
    "change.show": lambda s: [Stop("sam", f"/requests/{s.sent_back.number}/change")],
    "demo.clock": lambda s: [Stop("", "/demo/clock"), Stop("", "/demo/clock?since=1")],
    "demo.directory_page": lambda s: [Stop("", "/demo/directory")],
    "demo.index": lambda s: [Stop("", "/demo"), Stop("sam", "/demo")],
    "demo.letter": lambda s: [Stop("", "/demo/mail/1")],
    "demo.mailbox": lambda s: [Stop("", "/demo/mail")],
    "extensions.landing": lambda s: [Stop("", f"/extend/{s.extension_link()}")],
    "extensions.show": lambda s: [Stop("mia", f"/todo/last-day/{s.ending.id}")],
    "home.show": lambda s: [Stop("noah", "/"), Stop("eva", "/")],
    "mine.ask_end": lambda s: [Stop("noah", f"/mine/{s.had.holding_id}/end")],
    "mine.ask_extend": lambda s: [Stop("mia", f"/mine/{s.had.holding_id}/extend")],
    "mine.index": lambda s: [Stop("noah", "/mine"), Stop("lars", "/mine")],
    "mine.people": lambda s: [Stop("mia", "/mine/people")],
    "order.placed": lambda s: [Stop("noah", f"/order/card/sent/{s.waiting.number}")],
    "order.show": lambda s: [
        Stop("noah", "/order/card"),
        Stop("noah", "/order/mobile-subscription"),
        Stop("sam", "/order/employee-account"),
        Stop("noah", f"/order/card?draft={s.draft.number}"),
        Stop("noah", "/order/payslip"),
    ],
    "passwords.show": lambda s: [Stop("", f"/first-password/{s.password_link()}")],
    "people.index": lambda s: [Stop("eva", "/people?q=l")],
    "people.show": lambda s: [Stop("eva", f"/people/{s.cast.noah.id}")],
    "publishing.ask_copy": lambda s: [Stop("eva", "/studio/remote-work/copy")],
    "publishing.ask_publish": lambda s: [
        Stop("eva", "/studio/remote-work/publish"),
        Stop("eva", "/studio/guest-wifi/publish"),
    ],
    "publishing.ask_retire": lambda s: [Stop("eva", "/studio/remote-work/retire")],
    "publishing.version": lambda s: [Stop("eva", "/studio/remote-work/versions/1")],
    "publishing.versions": lambda s: [Stop("eva", "/studio/remote-work/versions")],
    "reports.index": lambda s: [Stop("eva", "/reports")],
    "requests.ask_withdraw": lambda s: [Stop("noah", f"/requests/{s.waiting.number}/withdraw")],
    "requests.index": lambda s: [Stop("noah", "/requests"), Stop("olof", "/requests")],
    "requests.show": lambda s: [
        Stop("noah", f"/requests/{s.waiting.number}"),
        Stop("sam", f"/requests/{s.sent_back.number}"),
        Stop("sam", f"/requests/{s.under_way.number}"),
        Stop("noah", f"/requests/{s.had.number}"),
        Stop("noah", f"/requests/{s.rejected.number}"),
        Stop("eva", f"/requests/{s.failing.number}"),
    ],
    "resources.index": lambda s: [Stop("eva", "/resources")],
    "settings.index": lambda s: [Stop("eva", "/settings")],
    "signin.show": lambda s: [Stop("", "/sign-in")],
    "studio.ask_try": lambda s: [Stop("eva", "/studio/remote-work/try")],
    "studio.index": lambda s: [Stop("eva", "/studio")],
    "studio.show": lambda s: [Stop("eva", "/studio/remote-work"), Stop("eva", "/studio/guest-wifi")],
    "todo.index": lambda s: [Stop("mia", "/todo"), Stop("olof", "/todo")],
    "work.ask_by_hand": lambda s: [Stop("eva", f"/work/{s.failed.id}/by-hand")],
    "work.ask_skip": lambda s: [Stop("eva", f"/work/{s.failed.id}/skip")],
    "work.ask_undo": lambda s: [Stop("eva", f"/work/undo/{s.undo.number}")],
    "work.index": lambda s: [Stop("eva", "/work"), Stop("eva", "/work?tab=mine")],
    "work.show": lambda s: [Stop("eva", f"/work/{s.mobile.id}"), Stop("eva", f"/work/{s.failed.id}")],
}
"""Where each page is."""

ANSWERS: Final[Mapping[str, Callable[[Scene], list[Stop]]]] = {
    "a bad address": lambda s: [Stop("", "/sign-in?next=%00", status=400)],
    "a page of others": lambda s: [Stop("noah", "/audit", status=403)],
    "no page": lambda s: [Stop("noah", "/nowhere", status=404), Stop("", "/approve/nothing", status=404)],
    "an old link": lambda s: [
        Stop("", f"/approve/{s.link(s.approval(s.coming), lasts=timedelta(days=-1))}", status=410)
    ],
    "an empty order": lambda s: [Stop("noah", "/order/mobile-subscription", ("Place order",))],
    "a no without a reason": lambda s: [Stop("", f"/approve/{s.link(s.approval(s.waiting))}", ("Reject",))],
    "nothing ticked": lambda s: [Stop("mia", "/approvals", ("Look at them together",))],
    "a wrong password": lambda s: [Stop("", "/sign-in", ("Sign in",))],
    "a first password": lambda s: [Stop("", f"/first-password/{s.password_link()}", ("Show the password",))],
    "an unfinished task": lambda s: [Stop("eva", f"/work/{s.mobile.id}", ("Done",))],
}
"""What comes instead of a page, or after a press."""
