-- Who helped a citizen whose access an entry is; null where nobody did.
alter table audit_entries
    add column assisted_by text,
    add column assisted_by_kind text,
    add column assisted_by_organization text;

-- What citizens confirmed in assisted sessions, as identity told it. An act never changes but by the end of its session.
create table assisted_acts (
    act_id uuid primary key,
    session_id uuid not null,
    citizen_id uuid not null,
    helper_id text not null,
    helper_kind text not null,
    helper_organization text not null,
    method text not null,
    digest bytea not null check (octet_length(digest) = 32),
    expires_at timestamptz not null,
    is_over boolean not null default false
);
create index assisted_acts_by_session on assisted_acts (session_id);
create index assisted_acts_by_expiry on assisted_acts (expires_at);

-- Each act is carried out once: only the request with this idempotency key gets the answer again.
create table assisted_act_uses (
    act_id uuid primary key references assisted_acts on delete cascade,
    request_digest bytea not null
);
