-- What each service answers to a request that is put to all of them: codes and references, nothing personal.
create table subject_request_parts (
    subject_request_id uuid not null references subject_requests,
    holder text not null,
    state text not null check (state in ('ASKED', 'PROVIDED', 'FAILED', 'CLEARED', 'HELD')),
    attempts integer not null,
    asked_at timestamptz not null,
    answered_at timestamptz,
    address text not null default '',
    failure text not null default '',
    grounds jsonb not null default '[]',
    primary key (subject_request_id, holder)
);
create index subject_request_parts_waiting on subject_request_parts (asked_at) where state in ('ASKED', 'FAILED');

-- The key that parts of one copy are sealed for; its private half stands under the citizen's key.
create table copy_exchanges (
    subject_request_id uuid primary key references subject_requests,
    public_key bytea not null,
    private_key_enc bytea not null
);

-- Copies that were made; the content goes when it expires, the row stays.
create table data_copies (
    subject_request_id uuid primary key references subject_requests,
    citizen_id uuid not null references citizens,
    json_enc bytea,
    pdf_enc bytea,
    made_at timestamptz not null,
    expires_at timestamptz not null,
    check ((json_enc is null) = (pdf_enc is null))
);
create index data_copies_to_expire on data_copies (expires_at) where json_enc is not null;
