"""Reading items: every problem at once, each with its place, a sentence, and what was probably meant."""

# ruff: noqa: E501 - items are written as authors write them, a step a line

import pytest

from catalog.known import KindInfo, ResourceInfo
from catalog.loader import Parsed, Unreadable, parse_item, read_item
from catalog.problems import Problem
from tests.catalog.world import ACCOUNT, ITEM, KINDS, known

TEN = """\
format: 1
id: intranet
title: {sv: Intranät, no: Intranett, en: Intranet}
sumary: Läsa
summary: {sv: null, nb: Lese, en: Read}
category: acess
owner: service-desk
questions:
  - {name: level, type: choise, label: {sv: Nivå, nb: Nivå, en: Level}}
  - {name: why, type: text, label: {sv: 12, nb: Hvorfor, en: Why}, when: "levle == 'write'"}
steps:
  - {id: manager, approve: {by: manger}}
  - {id: group, ensure: staff-directory/membership, with: {acount: x, group: readers}, needs: [manager, boss]}
  - {id: group, notify: beneficiary, message: redy}
"""


def found(text: str, **parts: object) -> Parsed:
    """Read an item in the tests' world."""
    return parse_item(text, known(**parts), file="intranet.yaml")


def codes(text: str, **parts: object) -> list[tuple[int, str]]:
    """Give line and code of each problem."""
    return [(problem.line, problem.code) for problem in found(text, **parts).problems]


def only(text: str, **parts: object) -> Problem:
    """Give the one problem there is."""
    problems = found(text, **parts).problems
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


def with_line(old: str, new: str, text: str = ITEM) -> str:
    """Change one place of an item that is there once."""
    assert text.count(old) == 1, old
    return text.replace(old, new)


@pytest.mark.parametrize("text", [ITEM, ACCOUNT.replace("id: account\ntitle", "id: intranet\ntitle")])
def test_an_item_without_a_fault_has_no_problems(text: str) -> None:
    parsed = found(text)

    assert [str(problem) for problem in parsed.problems] == []
    assert parsed.item is not None


def test_more_than_ten_mistakes_give_as_many_lines_each_with_its_place() -> None:
    assert [str(problem) for problem in found(TEN).problems] == [
        "intranet.yaml:3:23: There is no language “no”. Did you mean “nb”?",
        "intranet.yaml:4:1: “sumary” is not known here. Did you mean “summary”?",
        "intranet.yaml:5:15: Nothing stands here (null is nothing). Write a text; quote it if you mean the word.",
        "intranet.yaml:6:11: “acess” is not known here. Did you mean “access”?",
        "intranet.yaml:7:8: “service-desk” is not a team. A team is written team/service-desk.",
        "intranet.yaml:9:25: “choise” cannot stand here. Did you mean “choice”?",
        "intranet.yaml:10:41: “12” is read as a number, a day or true/false. Quote it to make it a text.",
        "intranet.yaml:12:28: Who decides when there is nobody else to ask? Write “fallback: team/…”.",
        "intranet.yaml:12:33: “manger” is not known here. Did you mean “manager”?",
        "intranet.yaml:13:68: “acount” is not known here. Did you mean “account”?",
        "intranet.yaml:13:105: “boss” is not known here. Known are manager.",
        "intranet.yaml:14:10: There is another step “group”, on line 13.",
        "intranet.yaml:14:47: “redy” is not known here. Did you mean “ready”?",
    ]


def test_an_item_that_could_not_be_read_whole_is_none_and_one_with_other_problems_is_there() -> None:
    assert found(TEN).item is None
    assert found(with_line("team/it-accounts", "team/nobody")).item is not None


def test_a_sentence_can_be_said_in_another_language() -> None:
    problem = only(with_line("team/it-accounts", "team/it-account"))
    swedish = {
        "“%(word)s” is not known here. Did you mean “%(guess)s”?": "”%(word)s” finns inte. Menar du ”%(guess)s”?"
    }

    assert (
        problem.text(lambda text: swedish[text])
        == "”team/it-account” finns inte. Menar du ”team/it-accounts”?"
    )


FAULTS = [
    ("category: access", "category: acess", "unknown-category", "access"),
    ("team/approval-desk", "team/aproval-desk", "unknown-team", "team/approval-desk"),
    ("type: long_text", "type: longtext", "not-one-of", "long_text"),
    ("level == 'write'", "level == 'wirte'", "never", "write"),
    ("level == 'write'", "levle == 'write'", "unknown-name", "level"),
    ("level == 'write'", "why == none", "later-question", ""),
    ("level == 'write'", "'manger' in me.roles", "never", "manager"),
    ("level == 'write'", "me.rolls == none", "unknown-attribute", "roles"),
    ("level == 'write'", "level = 'write'", "rule", ""),
    ("level == 'write'", "steps.manager.decision == none", "steps", ""),
    ("by: manager", "by: manger", "unknown-name", "manager"),
    ("by: manager", "by: information_owner", "no-approver", ""),
    (", fallback: team/approval-desk", "", "no-fallback", ""),
    ("remind: [2, 4]", "remind: [4, 2]", "remind", ""),
    ("escalate: 5", "escalate: 0", "limit", ""),
    ("staff-directory/membership", "staf-directory/membership", "unknown-resource", "staff-directory"),
    ("staff-directory/membership", "staff-directory/memberships", "unknown-kind", "membership"),
    ("staff-directory/membership", "membership", "pattern", ""),
    (", group: readers", ", gruop: readers", "unknown-attribute", "group"),
    (", group: readers", ", group: true", "value", ""),
    (
        "{beneficiary.accounts.staff-directory}",
        "{beneficary.accounts.staff-directory}",
        "unknown-name",
        "beneficiary",
    ),
    ("{beneficiary.accounts.staff-directory}", "{beneficiary.accounts", "placeholder", ""),
    ("{beneficiary.accounts.staff-directory}", "{level|lowr}", "placeholder", ""),
    ("message: ready", "message: redy", "unknown-letter", "ready"),
    ("notify: beneficiary", "notify: team/it-acounts", "unknown-team", "team/it-accounts"),
    ("notify: beneficiary", "notfy: beneficiary", "unknown-key", "notify"),
    ("id: tell, ", "", "missing", ""),
    ("format: 1", "format: 2", "not-one-of", ""),
    ("id: intranet", "id: Intranet", "pattern", ""),
    ("id: intranet", "id: extranet", "id", ""),
    ("sv: Intranät, ", "", "translation", ""),
    ("sv: Intranät", "sv: ''", "empty-text", ""),
    ("sv: Intranät", "sv: Ja, tack", "comma", ""),
    ("sv: Intranät", "sv: true", "yaml-word", ""),
    ("choices: [read, write]", "choices: [read, read, write]", "choices", ""),
    ("choices: [read, write]", "list: programs, choices: [read, write]", "choices", ""),
    ("choices: [read, write]", "choices: [read, write], list: program", "unknown-list", "programs"),
    ("choices: [read, write]", "choices: [read, write], is: employment.frm", "unknown-is", "employment.form"),
    ("choices: [read, write]", "choices: [read, write], is: employment.starts_on", "is-type", ""),
    ("choices: [read, write]", "choices: [read, write], default: red", "default", ""),
    ("choices: [read, write]", "choices: [read, write], times: count", "unknown-question", ""),
    ("choices: [read, write]", "choices: [read, write], times: why", "times", ""),
    ("choices: [read, write]", "choices: [read, write], decimals: 2", "no-meaning", ""),
    ("choices: [read, write]", "choices: [read, write], valid: 'level != none'", "valid", ""),
    ("type: long_text", "type: long_text, pattern: '(a+)+'", "pattern", ""),
    ("type: long_text", "type: long_text, min: many", "number", ""),
    ("name: why", "name: today", "reserved-name", ""),
    ("name: why", "name: level", "duplicate-name", ""),
    ("id: tell", "id: group", "duplicate-step", ""),
]


@pytest.mark.parametrize(
    ("old", "new", "code", "guess"), FAULTS, ids=[f"{code}: {new}" for _, new, code, _ in FAULTS]
)
def test_each_mistake_is_told_where_it_stands(old: str, new: str, code: str, guess: str) -> None:
    text = with_line(old, new)
    line = next(
        number
        for number, (was, now) in enumerate(zip(ITEM.splitlines(), text.splitlines(), strict=True), 1)
        if was != now
    )

    problems = [problem for problem in found(text).problems if problem.code == code]

    assert [problem.line for problem in problems] == [line]
    assert problems[0].severity == "error"
    assert problems[0].column > 0
    assert f"“{guess}”" in problems[0].text() if guess else "%(" not in problems[0].text()


LATER = [
    ("  - {id: child, order: laptop}", "later"),
    ("  - {id: child, ask: {who: beneficiary, title: {sv: A, nb: A, en: A}, questions: [why]}}", "later"),
    ("  - {id: each, notify: beneficiary, message: ready, for_each: why}", "later"),
]


@pytest.mark.parametrize(("step", "code"), LATER)
def test_what_cannot_be_carried_out_yet_is_read_and_refused(step: str, code: str) -> None:
    parsed = found(f"{ITEM}{step}\n")

    assert [problem.code for problem in parsed.problems] == [code]
    assert parsed.item is not None


STEPS = [
    ("  - {id: one, wait: {days: 1}, needs: [two]}\n  - {id: two, wait: {days: 1}}", [(14, "circle")]),
    (
        "  - {id: one, wait: {days: 1}, needs: [one]}\n  - {id: two, wait: {days: 1}}",
        [(14, "circle"), (15, "unreachable")],
    ),
    ("  - {id: one, wait: {days: 1}, when: 'false'}", [(14, "unreachable")]),
    ("  - {id: one, wait: {days: 1, working_days: 2}}", [(14, "value")]),
    ("  - {id: one, wait: policy.grce}", [(14, "unknown-policy")]),
    ("  - {id: one, wait: {days: 1}, notify: manager}", [(14, "step-kind")]),
    ("  - {id: one, label: {sv: A, nb: A, en: A}}", [(14, "step-kind")]),
    ("  - one", [(14, "step")]),
    ("  - {id: one, set: {employmnt: {ends_on: '{today}'}}}", [(14, "unknown-noun")]),
    ("  - {id: one, set: {employment: {end_on: '{today}'}}}", [(14, "unknown-attribute")]),
    ("  - {id: one, wait: {days: 1}, when: 'steps.tel.state != none'}", [(14, "unknown-step")]),
    ("  - {id: one, wait: {days: 1}, when: 'steps.tell.sent != none'}", [(14, "unknown-result")]),
    ("  - {id: one, wait: {days: 1}, when: 'price.once > today + why'}", [(14, "none")]),
    ("  - {id: one, order: intranet}", [(14, "later"), (14, "order-circle")]),
    (
        "  - {id: one, reserve: {as: level, space: names, from: '{why}', free_in: [staff-directory/account.user]}}",
        [(14, "duplicate-name"), (14, "unknown-attribute")],
    ),
    ("  - {id: one, ensure: staff-directory/account, of: tell, with: {enabled: true}}", [(14, "of")]),
    ("  - {id: one, ensure: staff-directory/account, of: grup, with: {enabled: true}}", [(14, "unknown-step")]),
    ("  - {id: one, ensure: staff-directory/account, with: {username: x}}", [(14, "needed"), (14, "not-ended")]),
    ("  - {id: one, absent: staff-directory/account}", [(14, "of")]),
    (
        "  - {id: one, task: {team: team/caretakers, title: {sv: A, nb: A, en: A}, results: [{name: state, label: {sv: A, nb: A, en: A}, type: choice}]}}",
        [(14, "choices"), (14, "duplicate-name")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "expected"), STEPS)
def test_steps_that_cannot_work_are_told(steps: str, expected: list[tuple[int, str]]) -> None:
    assert sorted(codes(f"{ITEM}{steps}\n")) == expected


def test_a_sentence_about_what_excludes_each_other_can_be_translated_too() -> None:
    problem = only(f"{ITEM}  - {{id: one, wait: {{days: 1, working_days: 2}}}}\n")

    assert problem.text({problem.message: "Skriv precis ett."}.__getitem__) == "Skriv precis ett."


def test_approvals_count_when_circles_are_looked_for() -> None:
    early = with_line("  - {id: manager, ", "  - {id: manager, needs: [tell], ")

    assert [(problem.code, problem.params["steps"]) for problem in found(early).problems] == [
        ("circle", "group, manager, tell")
    ]


def test_what_is_made_must_have_an_end_and_a_membership_has_one_by_itself() -> None:
    start = ACCOUNT.index("on_end:")
    text = ACCOUNT[:start].replace("id: account\ntitle", "id: intranet\ntitle")

    assert [(problem.code, problem.params) for problem in found(text).problems] == [
        ("not-ended", {"name": "account"})
    ]


def test_walls_are_asked_for_every_value_a_choice_can_give() -> None:
    walled = ResourceInfo(KINDS, "AD", allowed={"membership.group": frozenset({"i-read", "lic-visio"})})
    text = with_line("group: readers", 'group: "i-{level}"')
    listed = with_line("choices: [read, write]", "list: programs").replace(
        "group: readers", 'group: "{level.group}"'
    )
    listed = listed.replace("level == 'write'", "level == 'visio'")

    assert only(text, resources={"staff-directory": walled}).params["value"] == "i-write"
    assert only(listed, resources={"staff-directory": walled}).params["value"] == "lic-project"


def test_walls_may_be_a_function_or_a_list_of_kinds() -> None:
    asked = ResourceInfo(
        KINDS, outside=lambda kind, values: "no" if values.get("group") == "readers" else None
    )
    kinds = ResourceInfo(KINDS, allowed_kinds=frozenset({"account"}))

    assert only(ITEM, resources={"staff-directory": asked}).code == "walls"
    assert only(ITEM, resources={"staff-directory": kinds}).code == "walls"


def test_a_column_of_a_list_is_known_and_another_is_not() -> None:
    listed = with_line("choices: [read, write]", "list: programs").replace(
        "level == 'write'", "level.group == none"
    )

    assert codes(listed) == []
    assert only(listed.replace("level.group", "level.grop")).params["guess"] == "group"


def test_circles_of_orders_are_found_through_other_items() -> None:
    orders = {"laptop": frozenset({"phone"}), "phone": frozenset({"intranet"})}

    problems = found(f"{ITEM}  - {{id: child, order: laptop}}\n", orders=orders).problems

    assert [problem.code for problem in problems] == ["later", "order-circle"]


def test_a_missing_translation_is_a_warning_but_not_in_the_main_language() -> None:
    without = only(with_line("nb: Intranett, ", ""))
    main = only(with_line("sv: Intranät, ", ""))

    assert (without.severity, main.severity) == ("warning", "error")


def test_a_comparison_that_may_be_undecided_is_a_warning_until_it_is_guarded() -> None:
    bare = f"{ITEM}  - {{id: one, wait: {{days: 1}}, when: leave.ends_on > today}}\n"
    guarded = bare.replace("leave.ends_on >", "leave.ends_on != none and leave.ends_on >")

    assert [(problem.code, problem.severity) for problem in found(bare).problems] == [("none", "warning")]
    assert codes(guarded) == []


@pytest.mark.parametrize(
    "guard",
    [
        "form != 'permanent' and ",
        "not (form == 'permanent') and ",
        "form in ['seasonal'] and ",
        "last_day and ",
    ],
)
def test_the_rule_that_shows_a_question_guards_it(guard: str) -> None:
    text = ACCOUNT.replace("id: account\ntitle", "id: intranet\ntitle")
    rule = "last_day > first_day"

    assert [code for _, code in codes(text.replace("when: abroad", f'when: "{rule}"'))] == ["none"]
    assert codes(text.replace("when: abroad", f'when: "{guard}{rule}"')) == []


def test_information_and_links_have_nothing_to_order() -> None:
    head = ITEM[: ITEM.index("questions:")]

    assert codes(f"{head}kind: information\nbody: {{sv: A, nb: A, en: A}}\n") == []
    assert codes(f"{head}kind: link\n") == [(7, "kind")]
    assert {code for _, code in codes(ITEM + "kind: information\nbody: {sv: A, nb: A, en: A}\n")} == {"kind"}
    assert codes(f"{head}steps: []\n") == [(7, "no-fulfilment")]


def test_what_never_runs_is_told() -> None:
    only_task = (
        ITEM[: ITEM.index("  - {id: group")]
        + "  - {id: t, task: {team: team/caretakers, title: {sv: A, nb: A, en: A}}}\n"
    )

    assert codes(f"{only_task}on_end:\n  - {{id: x, notify: beneficiary, message: ready}}\n") == [
        (13, "no-holding")
    ]
    assert codes(f"{only_task}holding: {{until: why}}\n") == [(13, "until")]


NOT_YAML = {
    "": "empty",
    "- a\n- b\n": "empty",
    "a: [1, 2\n": "yaml",
    "a: 1\na: 2\nformat: 1\n": "duplicate-key",
    "a: !!python/object/apply:os.system [ls]\n": "tag",
    "a: !secret x\n": "tag",
    "a: &x [1]\nb: *x\n": "alias",
    "a: *x\n": "yaml",
    "a: \x00\n": "character",
    "[" * 5000: "too-deep",
    "a: " + "[" * 60 + "]" * 60: "too-deep",
    "x" * 200_001: "too-long",
    "? [a]\n: b\n": "key",
    "{a: 1, b}": "comma",
}


@pytest.mark.parametrize("text", NOT_YAML, ids=lambda text: text[:20])
def test_i15_hostile_and_broken_files_are_refused_in_a_sentence(text: str) -> None:
    parsed = parse_item(text, known())

    assert parsed.item is None
    assert NOT_YAML[text] in {problem.code for problem in parsed.problems}


def test_i15_a_billion_laughs_is_not_laughed() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]

    parsed = parse_item("\n".join(lines), known())

    assert {"alias"} <= {problem.code for problem in parsed.problems}


def test_every_key_written_twice_is_told() -> None:
    text = ITEM + "owner: team/it-accounts\ncategory: access\n"

    assert codes(text) == [(14, "duplicate-key"), (15, "duplicate-key")]


def test_words_that_others_read_as_yes_and_no_are_a_warning() -> None:
    problem = only(with_line("choices: [read, write]", "choices: [write, no]"))

    assert (problem.code, problem.severity, problem.column) == ("yaml-word", "warning", 106)


def test_an_unknown_kind_of_value_lets_the_connector_judge() -> None:
    odd = {"membership": KindInfo("membership", {"account": {}, "group": {}}, link=True)}

    assert codes(ITEM, resources={"staff-directory": ResourceInfo(odd)}) == []


def test_a_published_text_is_read_without_being_checked_again() -> None:
    assert read_item(ITEM).id == "intranet"
    with pytest.raises(Unreadable, match="1:9: “2” cannot stand here"):
        read_item(with_line("format: 1", "format: 2"))


@pytest.mark.parametrize("span", ["working_days: 100000000", "hours: 1000000000", "minutes: 100000000000"])
def test_i11_a_promise_beyond_the_calendar_is_a_problem(span: str) -> None:
    problems = found(f"{ITEM.rstrip()}\npromise: {{{span}}}\n").problems

    assert [problem.severity for problem in problems] == ["error"]
