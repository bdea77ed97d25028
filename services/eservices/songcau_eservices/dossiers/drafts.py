"""Drafts: opened for the calling citizen, their answers replaced, their checklist read."""

import re
from dataclasses import dataclass, replace
from datetime import date

from songcau_kit import assisted_acts, audit, outbox
from songcau_kit.clock import local_date
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError, Violation
from songcau_kit.events import Actor
from songcau_kit.rpc_call import Call, mark_replayed
from songcau_kit.sealed_responses import SealedResponse
from songcau_kit.short_codes import dossier_reference

from songcau_eservices.catalogue.model import Channel, ProcedureVersion
from songcau_eservices.catalogue.repository import find_current_version, find_history
from songcau_eservices.catalogue.search import plain_code
from songcau_eservices.catalogue.terms import find_sub_case
from songcau_eservices.dossiers import access, parties, repository, repository_citizens
from songcau_eservices.dossiers.access import OWN_USE, Capacity, Party, Trace
from songcau_eservices.dossiers.answers import check_answers, facts_of
from songcau_eservices.dossiers.authority import authority_agency, known_agency, receiving_agency
from songcau_eservices.dossiers.changes import VIEW, Change, Changes, Room, Scene, Step, Ticket
from songcau_eservices.dossiers.dossier import (
    Agencies,
    Answers,
    Dossier,
    DossierView,
    HistoryEntry,
    Milestones,
    ProcedureRef,
    Sealed,
)
from songcau_eservices.dossiers.facts import Drafted
from songcau_eservices.dossiers.family_response import FamilyResponse
from songcau_eservices.dossiers.model import Action, ActorKind, State
from songcau_eservices.dossiers.sealing import Seal
from songcau_eservices.dossiers.submission import check_citizen, check_heir
from songcau_eservices.dossiers.views import Whole
from songcau_eservices.errors import (
    ANSWERS_INVALID,
    CHANNEL_NOT_OFFERED,
    NOT_REPRESENTED,
    PROCEDURE_NOT_DETAILED,
    PROCEDURE_NOT_FOUND,
    PROCEDURE_NOT_VALID,
    SUB_CASE_NOT_FOUND,
)
from songcau_eservices.events import dossier_event
from songcau_eservices.identity_client import IdentityClient, Profile
from songcau_eservices.payments.fees import fee_of

CODE = re.compile(r"[0-9]\.[0-9]{6}")


@dataclass(frozen=True)
class NewDraft:
    """What a citizen wants to apply for, and where."""

    call: Call
    ticket: Ticket
    procedure_code: str
    sub_case: str
    channel: Channel
    receiving_agency: str
    helping_agency: str
    answers: Answers


class Drafts:
    """Opens and edits drafts."""

    def __init__(self, room: Room, changes: Changes, identity: IdentityClient) -> None:
        self._room = room
        self._changes = changes
        self._identity = identity

    def create(self, new: NewDraft) -> DossierView:
        """Open a draft; the applicant is the caller, or whom the caller stands for, as identity knows them now.

        Raises NOT_REPRESENTED, CITIZEN_NOT_LINKED, CITIZEN_BLOCKED, CITIZEN_DECEASED, IDENTITY_LEVEL_TOO_LOW,
        PROCEDURE_NOT_FOR_HEIRS, PROCEDURE_NOT_FOUND, PROCEDURE_NOT_VALID, PROCEDURE_NOT_DETAILED, SUB_CASE_NOT_FOUND,
        CHANNEL_NOT_OFFERED, AGENCY_NOT_FOUND, AGENCY_CANNOT_RECEIVE and ANSWERS_INVALID.
        """
        access.get_citizen_id(new.call.known_caller)
        key = new.ticket.key(new.call)
        # Identity says whom the token means, or whom its owner stands for: another id where that one was merged.
        profile = self._identity.get_own_profile()
        with self._room.database.transaction() as conn:
            party = self._find_party(conn, new.call)
            data_key = self._room.keys.get_or_create(conn, profile.citizen.id)
            assisted_acts.take(conn, new.call, key, self._room.clock.now())
            cipher = SealedResponse(data_key, key)
            claim = self._room.register.claim(conn, key, new.ticket.fingerprint)
            if (stored := claim.stored(cipher=FamilyResponse(conn, self._room.keys, cipher))) is not None:
                mark_replayed()
                view = VIEW.validate_json(stored.response)
                self._record(conn, new.call, view.dossier)
                return view
            seal = Seal(data_key)
            dossier = self._draft(conn, new, profile, party, seal)
            self._write(conn, new, dossier)
            view = self._room.views.whole(conn, Whole(dossier), seal, Capacity(ActorKind.CITIZEN))
            self._room.register.finish(conn, key, VIEW.dump_json(view), cipher=cipher)
            return view

    def update(self, change: Change, answers: Answers, *, shown_procedure: str = "") -> DossierView:
        """Replace the answers; `shown_procedure` is whose questions were shown with them. Raise ANSWERS_INVALID."""

        def act(scene: Scene) -> Step:
            dossier = scene.dossier
            if shown_procedure and plain_code(shown_procedure) != dossier.procedure.code:
                raise DomainError(ANSWERS_INVALID, violations=[Violation("/procedure_code", "INVALID")])
            content = self._room.versions.get(scene.conn, dossier.procedure.version_id)
            check_answers(content, answers)
            sealed = replace(dossier.sealed, answers=scene.seal.answers(dossier.id, answers))
            after = replace(dossier, sealed=sealed)
            if dossier.state is State.DRAFT:
                facts = facts_of(answers, dossier.procedure.sub_case)
                after = replace(after, fee=fee_of(content, dossier.channel, facts))
            return Step(after)

        return self._changes.run(change, act)

    def _find_party(self, conn: Connection, call: Call) -> Party:
        """Return whom the caller stands for, who covers nobody where it is nobody else; raises NOT_REPRESENTED."""
        if call.on_behalf_of is None:
            return Party(frozenset())
        asked = parties.Asked(parties.WRITE, local_date(self._room.clock.now()), lock=True)
        party = parties.find(conn, call, asked)
        if not party.ids:
            raise DomainError(NOT_REPRESENTED)
        return party

    def _draft(self, conn: Connection, new: NewDraft, profile: Profile, party: Party, seal: Seal) -> Dossier:
        now = self._room.clock.now()
        today = local_date(now)
        version = _version(conn, new, today)
        content = version.content
        self._room.versions.keep(version.id, content)
        repository_citizens.save(conn, profile.citizen)
        meant = repository_citizens.ask(conn, profile.citizen.id)()
        check_citizen(parties.ask_acting(conn, new.call)(meant, party), content)
        check_heir(content, is_heir=party.is_heir)
        check_answers(content, new.answers)
        receiving = receiving_agency(conn, new.receiving_agency, today)
        helping = known_agency(conn, new.helping_agency, today).code if new.helping_agency else ""
        dossier_id = self._room.clock.new_id()
        return Dossier(
            id=dossier_id,
            reference=dossier_reference(dossier_id.int),
            version=1,
            citizen_id=profile.citizen.id,
            procedure=ProcedureRef(content.code, version.id, content.name, new.sub_case),
            channel=new.channel,
            agencies=Agencies(receiving.code, authority_agency(conn, content, receiving, today).code, helping),
            fee=fee_of(content, new.channel, facts_of(new.answers, new.sub_case)),
            times=Milestones(now, now),
            sealed=Sealed(seal.answers(dossier_id, new.answers), seal.applicant(dossier_id, profile.applicant)),
        )

    def _write(self, conn: Connection, new: NewDraft, dossier: Dossier) -> None:
        call = new.call
        kind = str(ActorKind.CITIZEN)
        repository.add(conn, dossier)
        repository.add_history(
            conn,
            HistoryEntry(dossier.id, 1, Action.CREATE, State.DRAFT, State.DRAFT, dossier.times.created_at, kind),
        )
        by = Actor(call.known_caller.subject, kind)
        outbox.append(conn, dossier_event(self._room.clock, dossier, Drafted(), by, correlation_id=call.correlation_id))
        self._record(conn, call, dossier)

    def _record(self, conn: Connection, call: Call, dossier: Dossier) -> None:
        trace = Trace("CREATE_DOSSIER", "dossier", str(dossier.id), dossier.citizen_id, OWN_USE)
        audit.record(conn, access.audit_entry(call, Capacity(ActorKind.CITIZEN), trace), clock=self._room.clock)


def _version(conn: Connection, new: NewDraft, today: date) -> ProcedureVersion:
    code = plain_code(new.procedure_code)
    if CODE.fullmatch(code) is None:
        raise DomainError(PROCEDURE_NOT_FOUND)
    version = find_current_version(conn, code, today)
    if version is None:
        is_known = find_history(conn, code) is not None
        if is_known:
            raise DomainError(PROCEDURE_NOT_VALID, details={"on": today.isoformat()})
        raise DomainError(PROCEDURE_NOT_FOUND)
    content = version.content
    if not content.detailed:
        raise DomainError(PROCEDURE_NOT_DETAILED)
    if new.channel not in content.channels:
        offered = " ".join(str(channel) for channel in content.channels)
        raise DomainError(CHANNEL_NOT_OFFERED, details={"offered": offered})
    # A case without a chosen sub-case follows the general times and fees, where the procedure has them.
    if (new.sub_case and find_sub_case(content, new.sub_case) is None) or (
        not new.sub_case and content.sub_cases and not content.times
    ):
        known = " ".join(sub_case.code for sub_case in content.sub_cases)
        raise DomainError(SUB_CASE_NOT_FOUND, details={"sub_cases": known})
    return version
