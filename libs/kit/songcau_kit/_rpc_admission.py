"""Who may enter a method: the rule of each method, and the way from a call's metadata to a `Call`."""

import re
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import grpc

from songcau_kit import errors
from songcau_kit.caller import Caller
from songcau_kit.clock import Clock
from songcau_kit.errors import DomainError, Violation
from songcau_kit.rpc_call import ASSISTED_ACT, AUTHORIZATION, CORRELATION_ID, ON_BEHALF_OF, PURPOSE, Call
from songcau_kit.rpc_security import workload_of
from songcau_kit.step_up import StepUp

LONGEST_CALL_SECONDS = 60.0
HELPER_SIGN_IN = StepUp(level=2)
"""Helpers are staff, who come with a second factor; the citizen's own sign-in stands in the confirmation."""

_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class Verifier(Protocol):
    """Turns an access token into a caller."""

    def verify(self, token: str) -> Caller:
        """Return the caller of a valid token; raise a domain error for any other."""


@dataclass(frozen=True)
class AssistedRule:
    """How helpers call a method to carry out what a citizen confirmed in an assisted session.

    `helper` is who may; the call then counts as the citizen's, with these `scopes`. `shown` are the paths of the answer
    that a helper sees (field mask of the response); everything else is left out.
    """

    helper: "Rule"
    scopes: frozenset[str]
    shown: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """Who may call a method: any of `roles`, all of `scopes`, any of `clients`; an empty set asks nothing.

    `anonymous` lets calls without a token in; a token that is sent is still verified. `activity` is the processing
    activity that the method belongs to, NO_PERSONAL_DATA where it touches none; a server refuses a rule without.
    `on_behalf` says that the method itself asks whether the caller may act for whom the call names; any other method
    refuses such a call, as it would do to the caller what was meant for somebody else. `assisted` lets helpers in who
    carry out a confirmed act; a method without refuses them.
    """

    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    anonymous: bool = False
    clients: frozenset[str] = frozenset()
    activity: str | None = None
    on_behalf: bool = False
    assisted: AssistedRule | None = None

    def check(self, caller: Caller | None) -> None:
        """Raise UNAUTHENTICATED or PERMISSION_DENIED where the caller does not meet the rule."""
        if caller is None:
            if not self.anonymous:
                raise DomainError(errors.UNAUTHENTICATED)
            return
        if self.roles and not caller.has_role(*self.roles):
            raise _denied("role", self.roles)
        if not caller.has_scope(*self.scopes):
            raise _denied("scope", self.scopes - caller.scopes)
        if self.clients and caller.client_id not in self.clients:
            raise _denied("client", frozenset())


def _denied(missing: str, wanted: frozenset[str]) -> DomainError:
    details = {"missing": missing} | ({"wanted": " ".join(sorted(wanted))} if wanted else {})
    return DomainError(errors.PERMISSION_DENIED, details=details)


class Admission:
    """Checks a call at the door and describes it; `workloads` says which processes may call, None asks nobody.

    `step_ups` are the methods that ask for a sign-in of a level, and a fresh one.
    """

    def __init__(
        self,
        verifier: Verifier,
        rules: Mapping[str, Rule],
        clock: Clock,
        workloads: Mapping[str, Collection[str]] | None = None,
        step_ups: Mapping[str, StepUp] | None = None,
    ) -> None:
        self._verifier = verifier
        self._step_ups = step_ups or {}
        self._rules = {method.lstrip("/"): rule for method, rule in rules.items()}
        self._clock = clock
        self._workloads = workloads

    @property
    def methods(self) -> frozenset[str]:
        """Return the methods that have a rule, as `package.Service/Method`."""
        return frozenset(self._rules)

    @property
    def activities(self) -> dict[str, str | None]:
        """Return the processing activity that each method names."""
        return {method: rule.activity for method, rule in self._rules.items()}

    def describe(self, context: grpc.ServicerContext) -> Call:
        """Return the call before anybody is known: correlation id (a new one where none is usable) and deadline."""
        metadata = dict(context.invocation_metadata())
        remaining = min(context.time_remaining(), LONGEST_CALL_SECONDS)
        return Call(
            caller=None,
            correlation_id=_text(metadata, CORRELATION_ID) or str(self._clock.new_id()),
            purpose=_text(metadata, PURPOSE),
            on_behalf_of=_uuid(_text(metadata, ON_BEHALF_OF)),
            assisted_act=_uuid(_text(metadata, ASSISTED_ACT)),
            workload=workload_of(context.auth_context()) if self._workloads is not None else None,
            request_deadline=self._clock.now() + timedelta(seconds=remaining),
            ends_at=time.monotonic() + remaining,
        )

    def admit_workload(self, method: str, workload: str | None) -> None:
        """Let the process at the other end enter the method, or raise WORKLOAD_NOT_ALLOWED."""
        if self._workloads is not None and workload not in self._workloads[method.lstrip("/")]:
            raise DomainError(errors.WORKLOAD_NOT_ALLOWED)

    def identify(self, context: grpc.ServicerContext, call: Call) -> Caller | None:
        """Return the verified caller of a call that is in time, or None; raise a domain error for any other."""
        if call.remaining_seconds() <= 0:
            raise DomainError(errors.DEADLINE_EXCEEDED)
        metadata = dict(context.invocation_metadata())
        if PURPOSE in metadata and call.purpose is None:
            raise DomainError(errors.INVALID_REQUEST, violations=[Violation("", "PURPOSE_MALFORMED")])
        if ON_BEHALF_OF in metadata and call.on_behalf_of is None:
            raise DomainError(errors.INVALID_REQUEST, violations=[Violation("", "ON_BEHALF_OF_MALFORMED")])
        if ASSISTED_ACT in metadata and call.assisted_act is None:
            raise DomainError(errors.INVALID_REQUEST, violations=[Violation("", "ASSISTED_ACT_MALFORMED")])
        return self._caller(metadata.get(AUTHORIZATION))

    def admit(self, method: str, call: Call) -> None:
        """Let the caller enter the method.

        Raises UNAUTHENTICATED, AUTHENTICATION_INSUFFICIENT, PERMISSION_DENIED, ON_BEHALF_NOT_POSSIBLE or
        ASSISTED_ACT_NOT_POSSIBLE.
        """
        rule, step_up = self._rules[method.lstrip("/")], self._step_ups.get(method.lstrip("/"))
        if call.assisted_act is not None:
            self._admit_helper(rule, call)
            return
        rule.check(call.caller)
        if call.on_behalf_of is not None and not rule.on_behalf:
            raise DomainError(errors.ON_BEHALF_NOT_POSSIBLE)
        if step_up is not None:
            step_up.check(call.known_caller, self._clock.now())

    def find_assisted(self, method: str) -> AssistedRule | None:
        """Return how helpers call the method, None where they may not."""
        return self._rules[method.lstrip("/")].assisted

    def _admit_helper(self, rule: Rule, call: Call) -> None:
        if rule.assisted is None or call.on_behalf_of is not None:
            raise DomainError(errors.ASSISTED_ACT_NOT_POSSIBLE)
        rule.assisted.helper.check(call.caller)
        HELPER_SIGN_IN.check(call.known_caller, self._clock.now())

    def _caller(self, authorization: str | bytes | None) -> Caller | None:
        if authorization is None:
            return None
        scheme, _, token = str(authorization).partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise DomainError(errors.TOKEN_INVALID)
        return self._verifier.verify(token)


def _text(metadata: Mapping[str, str | bytes], key: str) -> str | None:
    value = metadata.get(key)
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
