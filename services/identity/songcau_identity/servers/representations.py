"""The gRPC door of RepresentationService."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import grpc
from songcau.identity.v1 import representation_pb2, representation_service_pb2_grpc
from songcau.identity.v1 import representation_service_pb2 as pb
from songcau_kit.personal import Personal

from songcau_identity.auditing import Operation
from songcau_identity.record_act import RecordAct
from songcau_identity.representations.events import representation_message
from songcau_identity.representations.granting import Authorisation, Grant, Granting
from songcau_identity.representations.listing import RepresentationList
from songcau_identity.representations.model import (
    Act,
    AuthorisationPurpose,
    EndCause,
    Kind,
    RepresentedKind,
    Scope,
)
from songcau_identity.representations.moving import Moving, Seen
from songcau_identity.representations.parties import invalid
from songcau_identity.servers.admission import Admission, read_request_id
from songcau_identity.servers.citizens import find_uuid
from songcau_identity.servers.orders import ordered

E = TypeVar("E", bound=StrEnum)
ANSWERS: Mapping[int, Act] = {pb.CHILD_ANSWER_CONFIRMED: Act.CONFIRM, pb.CHILD_ANSWER_OBJECTED: Act.OBJECT}


@dataclass(frozen=True)
class RepresentationUseCases:
    """What stands behind the door."""

    granting: Granting
    moving: Moving
    listing: RepresentationList


class RepresentationServer(representation_service_pb2_grpc.RepresentationServiceServicer):
    """Translates between messages and use cases; no rule lives here."""

    def __init__(self, *, admission: Admission, cases: RepresentationUseCases) -> None:
        self._admission = admission
        self._cases = cases

    def GrantRepresentation(  # noqa: N802
        self, request: pb.GrantRepresentationRequest, _: grpc.ServicerContext
    ) -> pb.GrantRepresentationResponse:
        """Enter a representation."""
        with ordered(self._admission, request, RecordAct.GRANT_REPRESENTATION, Operation.GRANT_REPRESENTATION) as order:
            answer = self._cases.granting.grant(order, read_grant(request))
        return pb.GrantRepresentationResponse(representation=representation_message(answer.representation))

    def AuthoriseRepresentative(  # noqa: N802
        self, request: pb.AuthoriseRepresentativeRequest, _: grpc.ServicerContext
    ) -> pb.AuthoriseRepresentativeResponse:
        """Authorise somebody."""
        given = Authorisation(
            Personal(request.representative_number),
            Personal(request.representative_name),
            find_value(pb.AuthorisationPurpose, request.purpose, AuthorisationPurpose),
            request.valid_until,
        )
        with self._admission.admitted(Operation.AUTHORISE_REPRESENTATIVE) as (asker, access):
            request_id = read_request_id(request.request_id)
            answer = self._cases.granting.authorise(asker, request_id, given, access)
        return pb.AuthoriseRepresentativeResponse(representation=representation_message(answer.representation))

    def AnswerRepresentation(  # noqa: N802
        self, request: pb.AnswerRepresentationRequest, _: grpc.ServicerContext
    ) -> pb.AnswerRepresentationResponse:
        """Take a child's answer."""
        with self._admission.admitted(Operation.ANSWER_REPRESENTATION) as (asker, access):
            request_id, act = read_request_id(request.request_id), ANSWERS.get(request.answer)
            answer = self._cases.moving.answer(asker, request_id, read_seen(request), act, access)
        return pb.AnswerRepresentationResponse(representation=representation_message(answer.representation))

    def RevokeRepresentation(  # noqa: N802
        self, request: pb.RevokeRepresentationRequest, _: grpc.ServicerContext
    ) -> pb.RevokeRepresentationResponse:
        """Take back or give up."""
        with self._admission.admitted(Operation.REVOKE_REPRESENTATION) as (asker, access):
            request_id = read_request_id(request.request_id)
            answer = self._cases.moving.revoke(asker, request_id, read_seen(request), access)
        return pb.RevokeRepresentationResponse(representation=representation_message(answer.representation))

    def EndRepresentation(  # noqa: N802
        self, request: pb.EndRepresentationRequest, _: grpc.ServicerContext
    ) -> pb.EndRepresentationResponse:
        """End on a document."""
        cause = find_value(representation_pb2.RepresentationEndCause, request.cause, EndCause)
        with ordered(self._admission, request, RecordAct.END_REPRESENTATION, Operation.END_REPRESENTATION) as order:
            answer = self._cases.moving.end(order, read_seen(request), cause)
        return pb.EndRepresentationResponse(representation=representation_message(answer.representation))

    def ListOwnRepresentations(  # noqa: N802
        self, request: pb.ListOwnRepresentationsRequest, _: grpc.ServicerContext
    ) -> pb.ListOwnRepresentationsResponse:
        """List the caller's."""
        with self._admission.admitted(Operation.LIST_OWN_REPRESENTATIONS) as (asker, access):
            page = self._cases.listing.list_own(asker, access, page_size=request.page_size, cursor=request.page_token)
        return pb.ListOwnRepresentationsResponse(
            representations=[representation_message(one) for one in page.representations],
            next_page_token=page.next_cursor,
        )

    def ListCitizenRepresentations(  # noqa: N802
        self, request: pb.ListCitizenRepresentationsRequest, _: grpc.ServicerContext
    ) -> pb.ListCitizenRepresentationsResponse:
        """List a citizen's."""
        with self._admission.admitted(Operation.LIST_CITIZEN_REPRESENTATIONS) as (asker, access):
            page = self._cases.listing.list_for_officer(
                asker,
                find_uuid(request.citizen_id),
                access,
                page_size=request.page_size,
                cursor=request.page_token,
            )
        return pb.ListCitizenRepresentationsResponse(
            representations=[representation_message(one) for one in page.representations],
            next_page_token=page.next_cursor,
        )


def read_grant(request: pb.GrantRepresentationRequest) -> Grant:
    """Return what an officer enters; raises REPRESENTATION_INVALID for a scope nobody knows."""
    scopes = [find_value(representation_pb2.RepresentationScope, scope, Scope) for scope in request.scopes]
    if None in scopes:
        raise invalid("/scopes", "UNKNOWN_VALUE")
    return Grant(
        find_value(representation_pb2.RepresentationKind, request.kind, Kind),
        find_value(representation_pb2.RepresentedKind, request.represented_kind, RepresentedKind),
        find_uuid(request.represented_id),
        find_uuid(request.representative_id),
        [scope for scope in scopes if scope is not None],
        request.valid_from,
        request.valid_until,
    )


def read_seen(request: Any) -> Seen:
    """Return the representation and version a request names."""
    return Seen(find_uuid(request.representation_id), request.expected_version)


def find_value(enum: Any, number: int, kind: type[E]) -> E | None:
    """Return the word of an enum's value, None for the unspecified and for one nobody knows."""
    known = enum.DESCRIPTOR.values_by_number
    if not number or number not in known:
        return None
    return kind(known[number].name.removeprefix(known[0].name.removesuffix("UNSPECIFIED")))
