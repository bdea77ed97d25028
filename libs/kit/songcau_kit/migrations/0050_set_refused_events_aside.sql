-- Events that neither their topic nor the dead letters take; a person looks, then puts them back or removes them.
create table refused_events (
    event_id uuid not null,
    topic text not null,
    key text not null,
    payload bytea not null,
    headers jsonb not null,
    written_at timestamptz not null,
    refused_at timestamptz not null default now()
);
