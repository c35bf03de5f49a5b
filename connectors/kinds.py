"""The kinds that every directory of people and groups shares, so that an item runs on any of them."""

import datetime as dt
from typing import ClassVar

from pydantic import field_validator

from connectors.base import Key, Ref, Secret, Until, Value, Wanted


class Account(Wanted):
    """A person's account."""

    username: str = Key("User name")
    given_name: str | None = Value("Given name", needed=True)
    surname: str | None = Value("Surname", needed=True)
    display_name: str | None = Value("Display name")
    mail: str | None = Value("E-mail address")
    phone: str | None = Value("Phone")
    mobile: str | None = Value("Mobile")
    title: str | None = Value("Title")
    unit: str | None = Value("Unit")
    employee_number: str | None = Value("Employee number")
    manager: Ref | None = Value("Manager")
    enabled: bool | None = Value("Can sign in")
    expires_on: dt.date | None = Until("Last day")

    @field_validator("enabled")
    @classmethod
    def _empty_is_off(cls, value: bool | None) -> bool:
        return bool(value)


class Group(Wanted):
    """A group, a team's or a shared mailbox's."""

    name: str = Key("Group name", wall="groups")
    description: str | None = Value("Description")
    mail: str | None = Value("E-mail address")
    owner: Ref | None = Value("Owner")


class Membership(Wanted):
    """An account in a group."""

    is_link: ClassVar[bool] = True

    account: Ref = Key("Account")
    group: str = Key("Group", wall="groups")


class FirstPassword(Wanted):
    """The password an account starts with; made and kept by the caller, who may send the same one again."""

    is_once: ClassVar[bool] = True

    account: Ref = Key("Account")
    password: str | None = Secret("Password")


DIRECTORY_KINDS: tuple[type[Wanted], ...] = (Account, Membership, Group, FirstPassword)
