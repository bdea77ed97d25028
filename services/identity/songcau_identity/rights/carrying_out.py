"""What a request does when a data officer carries it out: closes services, hands out what came, erases."""

from songcau_kit.database import Connection

from songcau_identity.auditing import Asker
from songcau_identity.officers import Desk
from songcau_identity.rights.model import CLOSING, RequestAct, RequestKind, SubjectRequest
from songcau_identity.standing import close_services


class CarryingOut:
    """Knows the effect of each kind."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def step_of(self, request: SubjectRequest) -> RequestAct:
        """Return which step begins the effect."""
        return RequestAct.EXECUTE if request.kind is RequestKind.DELETE else RequestAct.COMPLETE

    def carry_out(self, conn: Connection, asker: Asker, request: SubjectRequest) -> None:
        """Let a request take effect in the transaction of its step."""
        if request.kind in CLOSING:
            close_services(self._desk, conn, asker, request.citizen_id)

    def give_up(self, conn: Connection, asker: Asker, request: SubjectRequest) -> None:
        """Undo what a refused request had begun."""
