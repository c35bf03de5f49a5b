"""What the tests' items may refer to: one directory, the teams and lists of the shipped catalog."""

# ruff: noqa: E501 - items are written as authors write them, a step a line

from collections.abc import Mapping
from typing import Any

from catalog.known import KindInfo, Known, ResourceInfo

TEXT = {"anyOf": [{"type": "string"}, {"type": "null"}]}
FLAG = {"anyOf": [{"type": "boolean"}, {"type": "null"}]}
DAY = {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}
REF = {"$ref": "#/$defs/Ref"}

ACCOUNT_TEXTS = (
    "username",
    "given_name",
    "surname",
    "display_name",
    "mail",
    "phone",
    "mobile",
    "title",
    "unit",
)
KINDS: Mapping[str, KindInfo] = {
    "account": KindInfo(
        "account",
        {
            **dict.fromkeys(ACCOUNT_TEXTS, TEXT),
            "employee_number": TEXT,
            "manager": REF,
            "enabled": FLAG,
            "expires_on": DAY,
        },
        key=("username",),
        needed=("username", "given_name", "surname"),
        until=frozenset({"expires_on"}),
    ),
    "membership": KindInfo(
        "membership",
        {"account": REF, "group": TEXT},
        key=("account", "group"),
        needed=("account", "group"),
        link=True,
    ),
    "group": KindInfo(
        "group",
        {"name": TEXT, "description": TEXT, "mail": TEXT, "owner": REF},
        key=("name",),
        needed=("name",),
    ),
    "first-password": KindInfo(
        "first-password",
        {"account": REF, "password": TEXT},
        key=("account",),
        needed=("account", "password"),
        supplied=frozenset({"account", "password"}),
        once=True,
    ),
}


def known(**parts: Any) -> Known:
    """Give a world with one directory; parts replace what is in it."""
    world = Known(
        resources={"staff-directory": ResourceInfo(KINDS, "The staff directory")},
        teams=frozenset(
            {"it-accounts", "service-desk", "approval-desk", "caretakers", "it-security", "records-owner"}
        ),
        lists={
            "programs": (
                {"value": "visio", "label": {"sv": "Visio"}, "price": {"monthly": 60}, "group": "lic-visio"},
                {
                    "value": "project",
                    "label": {"sv": "Project"},
                    "price": {"monthly": 320},
                    "group": "lic-project",
                },
            )
        },
        items=frozenset({"laptop", "shared-mailbox"}),
        categories=frozenset({"accounts", "devices", "access"}),
        letters=frozenset({"welcome", "ready"}),
    )
    return world.changed(**parts)


ITEM = """\
format: 1
id: intranet
title: {sv: Intranät, nb: Intranett, en: Intranet}
summary: {sv: Läsa, nb: Lese, en: Read}
category: access
owner: team/it-accounts
questions:
  - {name: level, type: choice, label: {sv: Nivå, nb: Nivå, en: Level}, required: true, choices: [read, write]}
  - {name: why, type: long_text, label: {sv: Varför, nb: Hvorfor, en: Why}, when: "level == 'write'"}
steps:
  - {id: manager, approve: {by: manager, fallback: team/approval-desk, remind: [2, 4], escalate: 5}}
  - {id: group, ensure: staff-directory/membership, with: {account: "{beneficiary.accounts.staff-directory}", group: readers}}
  - {id: tell, notify: beneficiary, message: ready}
"""
"""A small item without a fault; tests change a line of it."""

ACCOUNT = """\
format: 1
id: account
title: {sv: Konto, nb: Konto, en: Account}
summary: {sv: Konto, nb: Konto, en: Account}
category: accounts
owner: team/it-accounts
order_for: others
creates: person
questions:
  - {name: given_name, type: text, label: {sv: Förnamn, nb: Fornavn, en: First name}, required: true, is: person.given_name}
  - name: form
    type: choice
    label: {sv: Form, nb: Form, en: Form}
    required: true
    choices: [permanent, seasonal]
    is: employment.form
  - {name: first_day, type: date, label: {sv: Från, nb: Fra, en: From}, required: true, is: employment.starts_on}
  - name: last_day
    type: date
    label: {sv: Till, nb: Til, en: To}
    required: true
    when: form != 'permanent'
    is: employment.ends_on
  - {name: abroad, type: yes_no, label: {sv: Utland, nb: Utland, en: Abroad}}
steps:
  - {id: manager, approve: {by: manager, fallback: team/approval-desk}}
  - {id: name, reserve: {as: username, space: usernames, from: "{given_name|ascii|lower}"}}
  - id: account
    ensure: staff-directory/account
    with: {username: "{username}", given_name: "{given_name}", surname: X, enabled: false, expires_on: "{last_day}"}
  - {id: readers, ensure: staff-directory/membership, with: {account: "{steps.account}", group: readers}}
  - {id: travel, ensure: staff-directory/membership, with: {account: "{steps.account}", group: travel}, when: abroad}
  - id: desk
    task: {team: team/caretakers, title: {sv: Bord, nb: Bord, en: Desk}, results: [{name: room, label: {sv: Rum, nb: Rom, en: Room}}]}
    when: form == 'permanent'
    needs: [manager]
  - {id: password, ensure: staff-directory/first-password, of: account}
  - {id: first, wait: {until: "{first_day}"}, needs: [readers, password]}
  - {id: enabled, ensure: staff-directory/account, of: account, with: {enabled: true}}
  - {id: tell, notify: beneficiary, message: welcome}
holding: {follows: employment}
on_end:
  - {id: closed, ensure: staff-directory/account, of: account, with: {enabled: false}}
  - {id: grace, wait: policy.grace}
  - {id: gone, absent: staff-directory/account, of: account}
"""
"""The account of the architecture, in short: every kind of step that runs today but set."""

ONCE = ("staff-directory/first-password",)
