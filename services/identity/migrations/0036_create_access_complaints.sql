-- What citizens complain about in their access lists, with the entry as it stood: ids and codes only. What anybody
-- wrote stands encrypted, under the key of the citizen, and is gone with it.
create table access_complaints (
    access_complaint_id uuid primary key,
    citizen_id uuid not null references citizens,
    entry_id uuid not null,
    entry jsonb not null,
    state text not null check (state in ('RECEIVED', 'ACKNOWLEDGED', 'ANSWERED')),
    version bigint not null,
    received_at timestamptz not null,
    acknowledge_by date not null,
    acknowledged_at timestamptz,
    answered_at timestamptz,
    finding text check (finding in ('JUSTIFIED', 'UNJUSTIFIED', 'UNRESOLVED')),
    details_enc bytea not null,
    answer_enc bytea,
    check ((state = 'RECEIVED') = (acknowledged_at is null)),
    check ((state = 'ANSWERED') = (answered_at is not null)),
    check ((answered_at is null) = (finding is null))
);
-- An entry is one citizen's: two complaints about it, made at once, are one.
create unique index access_complaints_open on access_complaints (entry_id) where state <> 'ANSWERED';
create index access_complaints_by_citizen on access_complaints (citizen_id, received_at desc, access_complaint_id desc);
create index access_complaints_waiting on access_complaints (acknowledge_by, access_complaint_id)
    where state <> 'ANSWERED';
create index access_complaints_answered on access_complaints (answered_at desc, access_complaint_id desc)
    where state = 'ANSWERED';
