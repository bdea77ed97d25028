"""Takes breaches through their steps, each once and on record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit.clock import local_date
from songcau_kit.database import Connection
from songcau_kit.errors import VERSION_CONFLICT, VERSION_REQUIRED, DomainError, Violation

from songcau_identity.auditing import Access, Asker, Operation, require_agency, require_purpose
from songcau_identity.breaches import facts as words
from songcau_identity.breaches import repository
from songcau_identity.breaches.model import (
    Audience,
    Breach,
    BreachAct,
    BreachFacts,
    BreachState,
    BreachStep,
    Window,
    find_breach_transition,
    kept_until,
)
from songcau_identity.errors import BREACH_INVALID, BREACH_NOT_FOUND, BREACH_NOTICE_MISSING, BREACH_STATE_INVALID
from songcau_identity.officers import Desk
from songcau_identity.repeatable import Request

WIDEST_WINDOW = timedelta(days=92)
LONGEST_REFERENCE = 100
SERVICES = ("", "identity", "eservices", "telehealth")
Change = Callable[[Connection, Breach], Breach]


@dataclass(frozen=True)
class BreachAnswer:
    """A breach after a step; the register keeps it in clear, so it holds no text."""

    breach: Breach

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return whose data the write met: nobody's, the persons are counted only."""
        return []


BREACH_ANSWER = TypeAdapter(BreachAnswer)


@dataclass(frozen=True)
class BreachOrder:
    """Who orders a step of which breach, in which version, in which request."""

    asker: Asker
    access: Access
    request_id: str
    breach_id: UUID | None = None
    version: int = 0


@dataclass(frozen=True)
class Notice:
    """That somebody was told: whom, when, and the number of the letter or receipt."""

    audience: Audience | None
    told_at: datetime
    reference: str


class BreachSteps:
    """The use cases OpenBreach, AmendBreach, AssessBreach, RecordBreachNotice and CloseBreach."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def open(self, order: BreachOrder, facts: BreachFacts) -> Breach:
        """Open a breach; raises BREACH_INVALID."""
        words.check(facts, self._desk.clock.now())

        def act(conn: Connection) -> BreachAnswer:
            breach_id = self._desk.clock.new_id()
            breach = _with_facts(Breach(breach_id, 1, BreachState.OPEN, facts.detected_at, False, False, ()), facts)
            data_key = self._desk.data_keys.get_or_create(conn, breach_id)
            repository.insert_breach(conn, breach, words.seal(data_key, breach_id, facts), self._desk.clock.now())
            self._put_on_record(conn, order, breach, BreachAct.OPEN)
            return BreachAnswer(breach)

        return self._run(order, Operation.OPEN_BREACH, repr(facts) + facts.description, act)

    def amend(self, order: BreachOrder, facts: BreachFacts) -> Breach:
        """Replace what is known; raises BREACH_INVALID and what every step raises."""
        words.check(facts, self._desk.clock.now())

        def change(conn: Connection, breach: Breach) -> Breach:
            data_key = self._desk.data_keys.get(conn, breach.breach_id)
            amended = _with_facts(breach, facts)
            repository.update_breach(conn, amended, words.seal(data_key, breach.breach_id, facts))
            return amended

        texts = (facts.description, facts.consequences, facts.measures)
        return self._take(order, Operation.AMEND_BREACH, BreachAct.AMEND, (repr((facts, texts)), change))

    def assess(self, order: BreachOrder, window: Window) -> Breach:
        """Add whom the accesses of a window met; raises BREACH_INVALID and what every step raises."""
        _check_window(window)

        def change(conn: Connection, breach: Breach) -> Breach:
            repository.add_touched(conn, breach.breach_id, window)
            return breach

        return self._take(order, Operation.ASSESS_BREACH, BreachAct.ASSESS, (repr(window), change))

    def tell(self, order: BreachOrder, notice: Notice) -> Breach:
        """Record that somebody was told; raises BREACH_INVALID and what every step raises."""
        is_authority = notice.audience is Audience.AUTHORITY

        def change(_: Connection, breach: Breach) -> Breach:
            _check_notice(notice, breach, self._desk.clock.now())
            told = {"authority_told_at" if is_authority else "persons_told_at": notice.told_at}
            return replace(breach, **told)  # type: ignore[arg-type]

        act = BreachAct.TELL_AUTHORITY if is_authority else BreachAct.TELL_PERSONS
        what = (repr(notice), change)
        return self._take(order, Operation.RECORD_BREACH_NOTICE, act, what, reference=notice.reference)

    def close(self, order: BreachOrder, *, dismissed: bool) -> Breach:
        """Close a breach; raises BREACH_NOTICE_MISSING and what every step raises."""

        def change(_: Connection, breach: Breach) -> Breach:
            if not dismissed and breach.missing:
                raise DomainError(BREACH_NOTICE_MISSING, details={"missing": ", ".join(breach.missing)})
            now = self._desk.clock.now()
            return replace(breach, closed_at=now, kept_until=kept_until(local_date(now)))

        act = BreachAct.DISMISS if dismissed else BreachAct.CLOSE
        return self._take(order, Operation.CLOSE_BREACH, act, (repr(dismissed), change))

    def _take(
        self,
        order: BreachOrder,
        operation: Operation,
        act: BreachAct,
        what: tuple[str, Change],
        *,
        reference: str = "",
    ) -> Breach:
        asked, change = what

        def take(conn: Connection) -> BreachAnswer:
            before = self._hold(conn, order)
            step = find_breach_transition(before.state, act)
            if step is None:
                raise DomainError(BREACH_STATE_INVALID, details={"state": before.state, "act": act})
            changed = change(conn, before)
            after = replace(changed, state=step.after, version=before.version + 1)
            repository.update_breach(conn, after)
            self._put_on_record(conn, order, after, act, reference=reference)
            return BreachAnswer(repository.find_breach(conn, after.breach_id) or after)

        return self._run(order, operation, f"{order.breach_id} {order.version} {asked}", take)

    def _run(
        self, order: BreachOrder, operation: Operation, asked: str, act: Callable[[Connection], BreachAnswer]
    ) -> Breach:
        require_agency(order.asker)
        require_purpose(order.asker)
        request = Request(operation, order.request_id, asked.encode())
        writes = self._desk.writes
        return writes.run(order.asker, operation, request, order.access, act=act, form=BREACH_ANSWER).breach

    def _hold(self, conn: Connection, order: BreachOrder) -> Breach:
        breach = repository.hold_breach(conn, order.breach_id) if order.breach_id else None
        if breach is None:
            raise DomainError(BREACH_NOT_FOUND)
        if order.version == 0:
            raise DomainError(VERSION_REQUIRED)
        if order.version != breach.version:
            raise DomainError(VERSION_CONFLICT, details={"current_version": str(breach.version)})
        return breach

    def _put_on_record(
        self, conn: Connection, order: BreachOrder, breach: Breach, act: BreachAct, *, reference: str = ""
    ) -> None:
        asker, now = order.asker, self._desk.clock.now()
        step = BreachStep(breach.version, act, asker.caller.subject, asker.organization, now, reference)
        repository.insert_step(conn, breach.breach_id, step)


def _with_facts(breach: Breach, facts: BreachFacts) -> Breach:
    return replace(
        breach,
        detected_at=facts.detected_at,
        has_biometric_data=facts.has_biometric_data,
        has_location_data=facts.has_location_data,
        categories=facts.categories,
    )


def _check_window(window: Window) -> None:
    checks = {
        "to": window.from_ < window.to <= window.from_ + WIDEST_WINDOW,
        "actor_id": bool(window.actor_id or window.client_id),
        "service": window.service in SERVICES,
    }
    _refuse([Violation(f"/{name}", "INVALID") for name, is_good in checks.items() if not is_good])


def _check_notice(notice: Notice, breach: Breach, now: datetime) -> None:
    checks = {
        "audience": notice.audience is not None,
        "told_at": breach.detected_at <= notice.told_at <= now,
        "reference": 0 < len(notice.reference.strip()) <= LONGEST_REFERENCE and notice.reference.isprintable(),
    }
    _refuse([Violation(f"/{name}", "INVALID") for name, is_good in checks.items() if not is_good])


def _refuse(violations: list[Violation]) -> None:
    if violations:
        raise DomainError(BREACH_INVALID, violations=violations)
