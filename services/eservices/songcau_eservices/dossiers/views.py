"""A dossier as one caller sees it: personal fields opened, next steps named, the clock read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from songcau_kit.clock import Clock, local_date
from songcau_kit.database import Connection

from songcau_eservices.calendar.deadlines import days_left
from songcau_eservices.calendar.working_days import WorkingCalendar
from songcau_eservices.dossiers.access import Capacity
from songcau_eservices.dossiers.dossier import (
    NOTHING_SEALED,
    Attachment,
    AttachmentView,
    Dossier,
    DossierView,
    ResultView,
    Supplement,
    SupplementView,
)
from songcau_eservices.dossiers.model import OFFICE, Action, ActorKind, State, allowed_actions
from songcau_eservices.dossiers.sealing import Seal
from songcau_eservices.results.paper import Paper
from songcau_eservices.units.repository_agencies import calendar_of

Calendars = dict[str, WorkingCalendar]


@dataclass(frozen=True)
class Whole:
    """A dossier with everything that hangs on it, as stored."""

    dossier: Dossier
    attachments: Sequence[Attachment] = ()
    supplements: Sequence[Supplement] = ()
    result: Paper | None = None


class Views:
    """Makes views; knows the clock and the page where results are verified."""

    def __init__(self, clock: Clock, verification_url: str) -> None:
        self._clock = clock
        self._verification_url = verification_url

    def whole(self, conn: Connection, whole: Whole, seal: Seal, capacity: Capacity) -> DossierView:
        """Return everything somebody with this capacity sees."""
        dossier = whole.dossier
        return replace(
            self.summary(conn, dossier, capacity),
            reason=seal.open_reason(dossier.id, dossier.sealed.reason),
            applicant=seal.open_applicant(dossier.id, dossier.sealed.applicant),
            answers=seal.open_answers(dossier.id, dossier.sealed.answers),
            attachments=tuple(attachment_view(attachment, seal) for attachment in whole.attachments),
            supplements=tuple(
                SupplementView(seal.open_body(one.id, one.body_enc), one.requested_at, one.supplied_at)
                for one in whole.supplements
            ),
            result=self._result(whole.result, seal) if whole.result else None,
            proposal=seal.open_proposal(dossier.id, dossier.sealed.proposal) if capacity.kind in OFFICE else None,
            next_actions=next_actions(whole, capacity),
        )

    def summary(
        self, conn: Connection, dossier: Dossier, capacity: Capacity, calendars: Calendars | None = None
    ) -> DossierView:
        """Return what a list shows: nothing personal. `calendars` keeps those that are read for the whole list."""
        left = 0
        if dossier.deadline is not None:
            agency, calendars = dossier.agencies.receiving, {} if calendars is None else calendars
            calendar = calendars[agency] = calendars.get(agency) or calendar_of(conn, agency)
            finished = dossier.times.finished_at
            left = days_left(dossier.deadline, local_date(finished or self._clock.now()), calendar)
        return DossierView(
            replace(dossier, sealed=NOTHING_SEALED), next_actions=next_actions(Whole(dossier), capacity), days_left=left
        )

    def link(self, code: str) -> str:
        """Return the address that verifies a paper."""
        return self._verification_url.replace("{code}", code)

    def _result(self, paper: Paper, seal: Seal) -> ResultView:
        return ResultView(
            paper.code,
            self.link(paper.code),
            paper.signed_at,
            paper.signer,
            revoked=paper.revoked_at is not None,
            revocation_reason=seal.open_revocation(paper.id, paper.revocation_reason_enc),
        )


def attachment_view(attachment: Attachment, seal: Seal) -> AttachmentView:
    """Return a file as somebody sees it who may."""
    return AttachmentView(
        attachment.id,
        attachment.component_key,
        attachment.media_type,
        attachment.size,
        attachment.attached_at,
        seal.open_details(attachment.id, attachment.details_enc),
        attachment.reused_from,
    )


def next_actions(whole: Whole, capacity: Capacity) -> tuple[Action, ...]:
    """Return what somebody may do now; a draft may also be withdrawn by leaving it, so it has no such step."""
    dossier = whole.dossier
    actions = allowed_actions(
        dossier.state, dossier.axes.finance, capacity.kind, desks=capacity.desks, is_numbered=dossier.is_numbered
    )
    revocable = capacity.kind is ActorKind.LEADER and dossier.state in (State.RESOLVED, State.RETURNED)
    is_revoked = whole.result is not None and whole.result.revoked_at is not None
    return tuple(one for one in actions if one is not Action.REVOKE_RESULT or (revocable and not is_revoked))
