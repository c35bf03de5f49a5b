"""The demo's data agree with the catalog and with each other."""

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
LISTS = ROOT / "catalog" / "lists"
DATA = ROOT / "portal" / "demo" / "data"
ITEMS = {file.stem: file for file in (ROOT / "catalog" / "items").rglob("*.yaml")}


def read(file: Path) -> Any:
    return YAML(typ="safe").load(file.read_text("utf-8"))


def demo() -> dict[str, Any]:
    return tomllib.loads((ROOT / "config" / "demo.toml").read_text("utf-8"))


def named_in_items(pattern: str) -> set[str]:
    return {name for file in ITEMS.values() for name in re.findall(pattern, file.read_text("utf-8"))}


def units() -> set[str]:
    organisation = read(DATA / "organisation.yaml")
    it = organisation["it"]
    return (
        {organisation["root"]["key"], it["key"]}
        | {unit["key"] for unit in it["units"]}
        | {office["key"] for office in organisation["offices"]}
        | {f"{office['key']}-{kind}" for office in organisation["offices"] for kind in office["units"]}
    )


def test_there_are_twenty_one_offices_and_six_hundred_people() -> None:
    organisation = read(DATA / "organisation.yaml")
    it = organisation["it"]

    offices = organisation["offices"]
    people = sum(sum(office["units"].values()) for office in offices) + it["people"]

    assert len(offices) == 21
    assert people + sum(unit["people"] for unit in it["units"]) == demo()["people"]["total"] == 600
    assert all(3 <= len(office["units"]) <= 5 for office in offices)


def test_the_volumes_add_up_to_the_orders_and_name_items_that_can_be_ordered() -> None:
    history = demo()["history"]
    orderable = {key for key, file in ITEMS.items() if read(file)["kind"] in ("order", "report")}

    assert sum(history["volumes"].values()) == history["orders"] == 2000
    assert set(history["volumes"]) == orderable


def test_shares_add_up_to_one() -> None:
    config = demo()
    lists = [config["approvals"]["delays"], *(team["delays"] for team in config["tasks"].values())]

    assert [round(sum(part["share"] for part in each), 6) for each in lists] == [1.0] * len(lists)
    assert round(sum(config["people"]["forms"].values()), 6) == 1.0


def test_answers_of_the_demo_are_choices_of_the_item() -> None:
    wrong = []
    for key, questions in demo()["answers"].items():
        item = {question["name"]: question for question in read(ITEMS[key])["questions"]}
        for name, shares in questions.items():
            question = item.get(name)
            if not isinstance(shares, dict) or question is None or question["type"] != "choice":
                continue
            rows = question.get("choices") or read(LISTS / f"{question['list']}.yaml")["rows"]
            wrong += [(key, name, value) for value in set(shares) ^ {row["value"] for row in rows}]

    assert wrong == []


def test_every_team_of_the_catalog_is_in_the_organisation() -> None:
    teams = {team["key"] for team in read(DATA / "organisation.yaml")["teams"]}
    named = named_in_items(r"team/([a-z-]+)")

    assert named
    assert named - teams == set()


def test_every_group_of_the_catalog_is_in_the_directory() -> None:
    groups = {group["name"] for group in read(DATA / "organisation.yaml")["groups"]}
    software = read(LISTS / "software.yaml")["rows"]
    named = named_in_items(r"group: ([a-z-]+)[,}]") | {row["group"] for row in software if row["group"]}

    assert {"vpn", "lic-visio"} <= named
    assert named - groups == set()


def test_people_and_oddities_belong_to_units_that_exist() -> None:
    organisation, story = read(DATA / "organisation.yaml"), read(DATA / "story.yaml")
    odd = organisation["oddities"]
    named = {person["unit"] for person in story["people"].values()}
    named |= {*odd["without_manager"], *odd["protected"]}
    named |= {each[key] for each in odd["managers_away"] for key in ("unit", "stand_in")}
    named |= {odd["namesakes"]["unit"], odd["bouncing_manager"]["unit"], story["seasonal_group"]["unit"]}

    assert named - units() == set()


def test_the_eight_of_the_story_say_why_in_three_languages() -> None:
    people = read(DATA / "story.yaml")["people"]

    signing_in = [key for key, person in people.items() if person.get("signs_in")]

    assert signing_in == ["ingrid", "johan", "elin", "amir", "karin", "maja", "petter", "sofia"]
    assert all(set(people[key]["why"]) == {"sv", "nb", "en"} for key in signing_in)


def test_situations_answer_questions_that_the_items_ask() -> None:
    story = read(DATA / "story.yaml")
    wrong = []
    for situation in story["situations"]:
        asked = {question["name"] for question in read(ITEMS[situation["item"]])["questions"]}
        wrong += [(situation["item"], name) for name in situation.get("answers", {}) if name not in asked]
    concerned = {each[key] for each in story["situations"] for key in ("by", "for") if key in each}

    assert wrong == []
    assert concerned - set(story["people"]) == set()


def test_names_have_what_real_names_have() -> None:
    names = read(DATA / "names.yaml")
    whole = [" ".join(name) for name in names["whole"]]

    assert [count for count in Counter(names["surnames"]).values() if count > 1] == []
    assert len(names["given"]) * len(names["surnames"]) > 20_000
    for sign in ("å", "ö", "-", "'", "’", "á", "Đ", "ø", "ß"):
        assert any(sign in name or sign in name.lower() for name in whole), sign


def test_suggestions_meet_every_outcome_and_searches_miss() -> None:
    phrases = read(DATA / "phrases.yaml")
    answer = next(step for step in read(ITEMS["suggest-service"])["steps"] if step["id"] == "answer")
    outcomes = {choice["value"] for choice in answer["task"]["results"][0]["choices"]}

    assert {suggestion["outcome"] for suggestion in phrases["suggestions"]} == outcomes
    assert len(phrases["search_misses"]) == len(set(phrases["search_misses"])) == 18
    assert len(phrases["versions"]) == 6
    assert all(len(reasons) >= 2 for reasons in phrases["versions"].values())
