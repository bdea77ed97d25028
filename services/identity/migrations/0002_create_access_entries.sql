-- What other services reported about accesses to a citizen's data; this service's own stand in audit_entries.
create table access_entries (
    entry_id uuid primary key,
    occurred_at timestamptz not null,
    subject_id uuid not null,
    service text not null,
    actor_id text not null,
    actor_kind text not null,
    actor_organization text not null,
    on_behalf_of text not null,
    client_id text not null,
    operation text not null,
    object_kind text not null,
    object_id text not null,
    purpose text not null,
    outcome text not null check (outcome in ('ALLOWED', 'DENIED', 'FAILED')),
    reason text not null
);
create index access_entries_by_subject on access_entries (subject_id, occurred_at desc, entry_id desc);
