-- Assisted sessions that are over: a confirmation that comes after the end, or again, is of no use to anybody.
create table assisted_session_ends (
    session_id uuid primary key,
    expires_at timestamptz not null
);
create index assisted_session_ends_by_expiry on assisted_session_ends (expires_at);
