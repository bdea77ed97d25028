-- Somebody of a counter or a community digital team helps a citizen, for one matter and a short time.
create table assisted_sessions (
    session_id uuid primary key,
    -- Empty where nobody has the number that was told: the helper learns no difference, and nobody ever approves it.
    citizen_id uuid references citizens,
    helper_id text not null,
    helper_kind text not null check (helper_kind in ('OFFICER', 'STATION_OFFICER', 'DIGITAL_TEAM')),
    helper_organization text not null,
    purpose text not null check (purpose in ('SUBMIT_DOSSIER', 'SUPPLEMENT_DOSSIER', 'BOOK_CONSULTATION')),
    status text not null check (status in ('AWAITING_APPROVAL', 'OPEN', 'ENDED')),
    started_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > started_at),
    end_cause text check (end_cause in ('DECLINED', 'ENDED_BY_CITIZEN', 'ENDED_BY_HELPER', 'EXPIRED', 'ANOTHER_OPEN')),
    ended_at timestamptz,
    version bigint not null,
    check (status <> 'OPEN' or citizen_id is not null),
    check ((status = 'ENDED') = (end_cause is not null)),
    check ((end_cause is null) = (ended_at is null))
);
-- A citizen is helped by one person at a time, whoever is approved at the same moment.
create unique index assisted_sessions_open on assisted_sessions (citizen_id) where status = 'OPEN';
create index assisted_sessions_of_citizen on assisted_sessions (citizen_id, session_id desc);
create index assisted_sessions_to_end on assisted_sessions (expires_at) where status <> 'ENDED';

-- What a helper put before the citizen. The request itself is nowhere: its digest says whether another one is that one.
create table proposed_acts (
    act_id uuid primary key,
    session_id uuid not null references assisted_sessions,
    operation text not null,
    digest bytea not null check (octet_length(digest) = 32),
    summary_enc bytea not null,
    status text not null check (status in ('AWAITING_CONFIRMATION', 'CONFIRMED', 'DECLINED', 'LAPSED')),
    proposed_at timestamptz not null,
    answered_at timestamptz,
    check ((status = 'AWAITING_CONFIRMATION') = (answered_at is null))
);
-- One question at a time.
create unique index proposed_acts_awaiting on proposed_acts (session_id) where status = 'AWAITING_CONFIRMATION';
create index proposed_acts_of_session on proposed_acts (session_id, act_id);

-- Questions on their way to the citizen's electronic identity app: one for the session, one for each act.
create table citizen_pushes (
    push_id uuid primary key,
    session_id uuid not null references assisted_sessions,
    act_id uuid references proposed_acts,
    is_sent boolean not null default false,
    ask_at timestamptz not null,
    closed_at timestamptz
);
create index citizen_pushes_to_ask on citizen_pushes (ask_at) where closed_at is null;
