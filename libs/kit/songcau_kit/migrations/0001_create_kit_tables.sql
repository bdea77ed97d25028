-- Facts that wait for the bus. A row goes when the bus has it.
create table outbox (
    id bigint generated always as identity primary key,
    lane smallint not null generated always as (abs(hashtext(key) % 8)) stored,
    event_id uuid not null,
    topic text not null,
    key text not null,
    payload bytea not null,
    headers jsonb not null,
    created_at timestamptz not null default now()
);
create index outbox_by_lane on outbox (lane, id);

-- A relay holds the row of a lane while it publishes that lane, so that one key is never in two hands.
create table outbox_lanes (
    lane smallint primary key
);
insert into outbox_lanes (lane) select generate_series(0, 7);

-- Events whose effect is in this database.
create table inbox (
    consumer_group text not null,
    event_id uuid not null,
    received_at timestamptz not null default now(),
    primary key (consumer_group, event_id)
);
create index inbox_by_age on inbox using brin (received_at);

-- Answers that a repeated request gets again. Only a digest of the key stands here, as clients choose keys freely.
create table idempotency_keys (
    key_digest bytea primary key,
    fingerprint bytea not null,
    response bytea,
    created_at timestamptz not null default now()
);
create index idempotency_keys_by_age on idempotency_keys using brin (created_at);

-- One wrapped data key per person. A destroyed key stays as a tombstone.
create table data_keys (
    subject_id uuid primary key,
    wrapped_key bytea not null,
    wrapping_version integer not null,
    created_at timestamptz not null,
    destroyed_at timestamptz
);

-- Who read or wrote a person's data, or tried to. Ids and codes only.
create table audit_entries (
    id uuid primary key,
    occurred_at timestamptz not null,
    subject_id uuid not null,
    actor_id text not null,
    actor_kind text not null,
    actor_organization text,
    on_behalf_of text,
    client_id text not null,
    operation text not null,
    object_kind text not null,
    object_id text not null,
    purpose text not null,
    outcome text not null check (outcome in ('ALLOWED', 'DENIED', 'FAILED')),
    reason text,
    correlation_id text not null
);
create index audit_entries_by_subject on audit_entries (subject_id, occurred_at desc, id desc);

create function refuse_change_of_audit_entry() returns trigger language plpgsql as $$
begin
    raise exception 'an audit entry is never changed or removed';
end
$$;
create trigger audit_entries_stay before update or delete on audit_entries
    for each row execute function refuse_change_of_audit_entry();
