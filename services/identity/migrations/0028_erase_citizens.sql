-- A citizen who is being erased, or was. The wider check takes the place of the one before.
alter table citizens drop constraint citizens_status_check,
    add constraint citizens_status_check
        check (status in ('ACTIVE', 'UNLINKED', 'BLOCKED', 'ERASING', 'ERASED'));

-- What every service was asked to say; decided once none of them must keep anything. From the decision on the ledger
-- follows, and nothing calls it off.
create table erasure_proposals (
    subject_request_id uuid primary key references subject_requests,
    erasure_id uuid not null unique,
    citizen_ids uuid[] not null,
    status_before text not null check (status_before in ('ACTIVE', 'UNLINKED', 'BLOCKED')),
    proposed_at timestamptz not null,
    decided_at timestamptz
);
create index erasure_proposals_decided on erasure_proposals (decided_at) where decided_at is not null;
