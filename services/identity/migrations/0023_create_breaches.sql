-- The register of breaches of personal data. Texts are encrypted under a key of the breach's own.
create table breaches (
    breach_id uuid primary key,
    version bigint not null,
    state text not null check (state in ('OPEN', 'NOTIFIED', 'CLOSED', 'DISMISSED')),
    detected_at timestamptz not null,
    has_biometric_data boolean not null,
    has_location_data boolean not null,
    categories text[] not null,
    facts_enc bytea not null,
    authority_told_at timestamptz,
    persons_told_at timestamptz,
    closed_at timestamptz,
    kept_until date,
    opened_at timestamptz not null,
    check (state <> 'OPEN' or authority_told_at is null),
    check (state not in ('NOTIFIED', 'CLOSED') or authority_told_at is not null),
    check (state <> 'CLOSED' or persons_told_at is not null or not (has_biometric_data or has_location_data)),
    check ((state in ('CLOSED', 'DISMISSED')) = (closed_at is not null)),
    check ((closed_at is null) = (kept_until is null)),
    check (kept_until >= (closed_at at time zone 'Asia/Ho_Chi_Minh')::date + interval '5 years')
);
create index breaches_by_detection on breaches (detected_at, breach_id);

create table breach_steps (
    breach_id uuid not null references breaches,
    version bigint not null,
    act text not null,
    taken_by text not null,
    taken_for text not null,
    reference text not null,
    taken_at timestamptz not null,
    primary key (breach_id, version)
);

-- Who was touched; a person stands once however many windows found them.
create table breach_persons (
    breach_id uuid not null references breaches,
    citizen_id uuid not null,
    accesses bigint not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    primary key (breach_id, citizen_id)
);

-- Finds who was touched in a window of time.
create index access_entries_by_actor on access_entries (actor_id, occurred_at);
create index access_entries_by_client on access_entries (client_id, occurred_at);
create index audit_entries_by_actor on audit_entries (actor_id, occurred_at);
create index audit_entries_by_client on audit_entries (client_id, occurred_at);
