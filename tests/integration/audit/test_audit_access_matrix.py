"""The row of the table of access about proofs of the log, played by every role in every relation to an entry."""

from support.access_table import ROLES, RPCS, was_allowed
from support.audit_service import AuditLog, new_citizen

METHOD = "songcau.audit.v1.ProofService/ListOwnProofs"
DENIALS = {"PERMISSION_DENIED", "ENTRY_NOT_FOUND"}


def test_only_who_the_table_names_gets_past_the_relation(audit_log: AuditLog) -> None:
    citizen_id, stranger = new_citizen(), new_citizen()
    entry_ids = audit_log.grow(citizen_id, 1)
    wrong = []
    for role, relation, caller_id in [
        (role, relation, caller_id)
        for role in ROLES
        for relation, caller_id in (("own", citizen_id), ("none", stranger))
    ]:
        allowed = was_allowed(
            lambda role=role, caller_id=caller_id: bool(
                audit_log.own_proofs(caller_id, entry_ids, roles=[role]).proofs
            ),
            DENIALS,
        )
        if allowed is not RPCS[METHOD].allows(role, relation):
            wrong.append((role, relation, "allowed" if allowed else "denied"))
    assert not wrong, wrong
