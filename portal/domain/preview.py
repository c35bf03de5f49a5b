"""What an order would lead to, before it is sent: price, who is asked, the steps in order, when it is ready.

Nothing is written. The process itself (`catalog.process.advance`) is run on an imagined case whose steps all
go well, so that the order form and trying out an item in the studio say what would truly happen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy.orm import Session

from catalog.placeholders import TemplateFault, render
from catalog.pricing import Cost, price_of
from catalog.process import (
    Attention,
    Facts,
    Finish,
    Process,
    ProcessStep,
    Skip,
    Start,
    TaskView,
    advance,
    names_of,
    process_for,
)
from catalog.rules import Undecidable
from catalog.schema import CatalogItem, Promise
from catalog.steps import Approve, Ensure, Reserve, Set, Wait
from catalog.steps.ensure import Target
from catalog.values import as_text
from portal import clock
from portal.domain import imagined, promises, requests, subjects
from portal.domain.answer_times import usual_answer
from portal.domain.approvers import Situation, asked_by
from portal.domain.holdings import as_day
from portal.domain.queries.said import Said, said
from portal.domain.steps.reserve import free_candidates
from portal.domain.world import world_of
from portal.errors import PortalError
from portal.i18n import N_
from portal.models.item import CatalogVersion
from portal.models.person import Person
from portal.models.request import ServiceRequest

State = Literal["begins", "skipped", "undecided"]


@dataclass(frozen=True)
class Approver:
    """Somebody who would be asked, why, and how long they usually take."""

    person: Person | None
    team: str
    reason: str
    order_is_yes: bool
    usual: timedelta | None = None


@dataclass(frozen=True)
class Step:
    """One step as it would go: what it is, who or what does it, what is wanted, or why it is left out."""

    id: str
    kind: str
    label: Mapping[str, str]
    state: State
    why: str = ""
    team: str = ""
    resource: str = ""
    target: str = ""
    wanted: Mapping[str, Any] = field(default_factory=dict)
    until: date | None = None
    approvers: tuple[Approver, ...] = ()


@dataclass(frozen=True)
class Preview:
    """Everything that an order would lead to."""

    cost: Cost
    cost_centre: str
    steps: tuple[Step, ...]
    promised_at: datetime | None
    first_day: date | None
    promise: Promise | None
    problems: tuple[Said, ...]

    @property
    def approvals(self) -> tuple[Step, ...]:
        """The approvals that would be asked for, in order."""
        return tuple(step for step in self.steps if step.kind == "approve" and step.state == "begins")

    @property
    def asks_anybody(self) -> bool:
        """Tell whether somebody has to answer before anything happens."""
        return any(not each.order_is_yes for step in self.approvals for each in step.approvers)


def preview(
    session: Session,
    item: CatalogItem,
    version: CatalogVersion | None,
    answers: Mapping[str, Any],
    *,
    actor: Person,
    beneficiary: Person | None = None,
) -> Preview:
    """Say what sending these (cleaned) answers would lead to."""
    subject = subjects.subject_of(session, item, answers, actor=actor, beneficiary=beneficiary)
    request = imagined.imagine(session, item, version, answers, actor=actor, subject=subject)
    names = imagined.names_of(session, request, item)
    run = _Run(session, request, item, names)
    try:
        subjects.check_allowed(session, item, actor, subject)
    except PortalError as refusal:
        run.problems.append(Said(refusal.message, refusal.values))
    run.to_the_end()
    first_day = request.employment.starts_on if item.creates and request.employment else None
    return Preview(
        price_of(item, names, names),
        request.cost_centre,
        run.in_order(),
        promises.promised(session, item, start=clock.working_now(session), first_day=first_day),
        first_day,
        item.promise,
        tuple(run.problems),
    )


class _Run:
    """The process of an imagined case, run to its end with imagined results."""

    def __init__(
        self, session: Session, request: ServiceRequest, item: CatalogItem, names: Mapping[str, Any]
    ) -> None:
        self.session, self.request, self.item, self.names = session, request, item, names
        self.process: Process = process_for(
            item, "deliver", (), names, False, once=requests.once_kinds(session)
        )
        self.tasks: list[TaskView] = []
        self.steps: list[Step] = []
        self.problems: list[Said] = []

    def to_the_end(self) -> None:
        """Go on until the process finishes or waits for somebody to look."""
        for _ in range(requests.MOST_TURNS):
            moves = advance(self.process, Facts(self.names), self.tasks)
            if not moves or any(isinstance(each, Finish) for each in moves):
                return
            for move in moves:
                match move:
                    case Start():
                        self._start(move)
                    case Skip():
                        self._note(move.step, "skipped", why=move.reason)
                        self.tasks.append(TaskView(move.step, move.row, "skipped", {}, "rule"))
                    case Attention():
                        self._fault(move.step, move.reason)
                        self.tasks.append(TaskView(move.step, move.row, "failed"))

    def in_order(self) -> tuple[Step, ...]:
        """Return the steps as they are written."""
        places = [step.id for step in self.item.steps]
        return tuple(sorted(self.steps, key=lambda step: places.index(step.id)))

    def _start(self, start: Start) -> None:
        written = self.process.step(start.step)
        assert written is not None  # advance only names steps of the process
        known = names_of(self.process, Facts(self.names), self.tasks)
        try:
            result, about = self._imagine(written, known)
        except (Undecidable, TemplateFault) as problem:
            self._fault(start.step, str(problem))
            result, about = {}, None
        if about is not None:
            self._note(start.step, "begins", **about)
        self.tasks.append(TaskView(start.step, start.row, "done", result))

    def _imagine(
        self, written: ProcessStep, names: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the result a step would have, and what is shown of it."""
        spec = written.step.spec
        match spec:
            case Approve():
                return {"decision": "approve"}, {"approvers": self._approvers(spec, names)}
            case Reserve():
                name = self._name(spec, names)
                return {"value": name}, {"wanted": {spec.as_: name}}
            case Ensure():
                return self._object(spec, names)
            case Set():
                wanted = {noun: render(values, names) for noun, values in spec.nouns.items()}
                return {"values": dict(wanted.get("values", {}))}, {"wanted": wanted}
            case Wait():
                return {}, {"until": as_day(render(spec.until, names)) if spec.until else None}
            case Target():
                return {}, {"target": spec.target, "resource": spec.resource}
        return {}, {"team": getattr(spec, "team", "")}

    def _approvers(self, spec: Approve, names: Mapping[str, Any]) -> tuple[Approver, ...]:
        case = self.request
        about = Situation(
            case.requester, case.beneficiary, case.employment, case.unit, case.cost_centre, names
        )
        return tuple(
            Approver(each.person, each.team, each.reason, each.order_is_yes, usual_answer(self.session, each))
            for each in asked_by(self.session, self.item, spec, about)
        )

    def _name(self, spec: Reserve, names: Mapping[str, Any]) -> str:
        held = imagined.owned_name(self.session, self.request, spec.space)
        first = str(render(spec.from_, names) or "").strip()
        if held is not None or not first.partition("@")[0].strip(".-_ "):
            return held.name if held else ""
        return next(iter(free_candidates(self.session, spec.space, first)), first)

    def _object(self, spec: Ensure, names: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        wanted = {name: render(value, names) for name, value in spec.with_.items()}
        kind = world_of(self.session).known.kind(spec.target)
        key = " / ".join(as_text(wanted.get(name)) for name in kind.key) if kind else ""
        self._check_walls(spec, wanted)
        result = {"key": key, "resource": spec.resource, "kind": spec.object_kind, "values": wanted}
        shown = {
            name: as_text(value) if isinstance(value, Mapping) else value for name, value in wanted.items()
        }
        return result, {"target": spec.target, "resource": spec.resource, "wanted": shown}

    def _check_walls(self, spec: Ensure, wanted: Mapping[str, Any]) -> None:
        info = world_of(self.session).known.resources.get(spec.resource)
        plain = {name: as_text(value) if value is not None else None for name, value in wanted.items()}
        sentence = info.outside(spec.object_kind, plain) if info and info.outside else None
        if sentence:
            self.problems.append(said("%(text)s", text=sentence))

    def _fault(self, step_id: str, rule: str) -> None:
        self._note(step_id, "undecided", why=rule)
        self.problems.append(
            said(N_("It cannot be decided how “%(step)s” goes: %(rule)s"), step=step_id, rule=rule)
        )

    def _note(self, step_id: str, state: State, **about: Any) -> None:
        step = self.item.step(step_id)
        assert step is not None  # an order's steps are all written in its item
        label = dict(step.label.root) if step.label else {}
        self.steps.append(Step(step_id, step.kind, label, state, **about))
