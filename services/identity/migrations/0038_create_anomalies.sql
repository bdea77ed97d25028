-- Look-ups of officers that need an explanation. Ids, codes, days and numbers only; what anybody writes about an anomaly
-- is sealed under a key of the anomaly's own, why a citizen is watched under the citizen's.

-- A closed legal day whose look-ups are judged; judged once `finished_at` is there.
create table anomaly_days (
    day date primary key,
    opened_at timestamptz not null,
    finished_at timestamptz
);

-- What an officer looked up on a day, in numbers: what later days are compared with, and the portion a process takes.
create table officer_days (
    day date not null references anomaly_days,
    officer_id text not null,
    organization text not null,
    look_ups integer not null check (look_ups > 0),
    busiest_hour integer not null check (busiest_hour between 1 and look_ups),
    judged_at timestamptz,
    primary key (day, officer_id)
);
create index officer_days_waiting on officer_days (day, officer_id) where judged_at is null;
create index officer_days_by_officer on officer_days (officer_id, day);
create index officer_days_by_organization on officer_days (organization, day);

create table watched_citizens (
    watch_id uuid primary key,
    citizen_id uuid not null references citizens,
    version bigint not null,
    reason_enc bytea not null,
    watched_by text not null,
    watched_at timestamptz not null,
    ended_by text,
    ended_at timestamptz,
    check ((ended_at is null) = (ended_by is null))
);
create unique index watched_citizens_now on watched_citizens (citizen_id) where ended_at is null;
create index watched_citizens_by_time on watched_citizens (watched_at desc, watch_id desc) where ended_at is null;

create table anomalies (
    anomaly_id uuid primary key,
    version bigint not null,
    kind text not null check (kind in (
        'LOOK_UP_WITHOUT_CASE', 'NEIGHBOUR', 'RELATIVE', 'WATCHED_CITIZEN', 'BULK', 'OWN_RECORD'
    )),
    state text not null check (state in ('OPEN', 'ASKED', 'ANSWERED', 'EXPLAINED', 'ESCALATED', 'DISMISSED')),
    officer_id text not null,
    organization text not null,
    day date not null references anomaly_days,
    citizen_id uuid,
    look_ups integer not null check (look_ups > 0),
    found_at timestamptz not null,
    asked_at timestamptz,
    explained_at timestamptz,
    decided_at timestamptz,
    decided_by text,
    breach_id uuid references breaches,
    question_enc bytea,
    explanation_enc bytea,
    note_enc bytea,
    -- However often and by however many processes a day is judged, an anomaly is there once.
    constraint anomalies_found_once unique nulls not distinct (officer_id, day, kind, citizen_id),
    check ((citizen_id is null) = (kind in ('LOOK_UP_WITHOUT_CASE', 'BULK'))),
    check (explained_at is null or asked_at is not null),
    check (state not in ('ASKED', 'ANSWERED', 'EXPLAINED') or asked_at is not null),
    check (state not in ('ANSWERED', 'EXPLAINED') or explained_at is not null),
    check ((state in ('EXPLAINED', 'ESCALATED', 'DISMISSED')) = (decided_at is not null)),
    check ((decided_at is null) = (decided_by is null)),
    check ((state = 'ESCALATED') = (breach_id is not null)),
    -- Four eyes.
    check (decided_by is distinct from officer_id)
);
create index anomalies_by_day on anomalies (day desc, anomaly_id desc);
create index anomalies_by_officer on anomalies (officer_id, day desc, anomaly_id desc);
create index anomalies_undecided on anomalies (state) where decided_at is null;

-- The entries of the access list an anomaly consists of.
create table anomaly_entries (
    anomaly_id uuid not null references anomalies,
    entry_id uuid not null,
    primary key (anomaly_id, entry_id)
);
create index anomaly_entries_by_entry on anomaly_entries (entry_id);

-- Finds the officers' accesses of a day.
create index audit_entries_of_officers on audit_entries (occurred_at) where actor_kind = 'OFFICER';
-- Finds with which record an account was linked.
create index audit_entries_of_account_links on audit_entries (object_id) where operation = 'LINK_ACCOUNT';
