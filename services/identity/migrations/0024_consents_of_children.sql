-- From 7 to 18 a child and a representative both agree (Law 91/2025); what one of them said waits here for the other and
-- stays as proof of the decision it became part of.
create table consent_halves (
    half_id uuid primary key,
    citizen_id uuid not null references citizens,
    purpose text not null,
    text_version text not null,
    text_sha256 bytea not null,
    channel text not null check (channel in ('APP', 'PAPER', 'RECORDED_CALL')),
    decided_as text not null check (decided_as in ('SELF', 'REPRESENTATIVE')),
    decided_by uuid not null references citizens,
    recorded_by text not null,
    recorded_for text not null,
    client_id text not null,
    evidence_enc bytea,
    decided_at timestamptz not null,
    -- Set once it waits no more; with the decision where it became part of one.
    ended_at timestamptz,
    consent_id uuid,
    version bigint,
    foreign key (consent_id, version) references consent_decisions (consent_id, version),
    check ((consent_id is null) = (version is null)),
    check (consent_id is null or ended_at is not null),
    check ((channel = 'APP') = (evidence_enc is null))
);
-- Two at once cannot both be the one that waits.
create unique index consent_halves_waiting on consent_halves (citizen_id, purpose) where ended_at is null;
create index consent_halves_of_decision on consent_halves (consent_id, version) where consent_id is not null;

-- 7 where a representative agreed alone for a small child, 18 where child and representative did; the day it is reached
-- the person is asked again. Nobody's birthday: birth dates stay sealed, a job opens them once a legal day.
alter table consents add column lapses_at_age smallint check (lapses_at_age in (7, 18));
alter table consents add column looked_on date;
create index consents_lapsing_by_age on consents (looked_on nulls first, consent_id)
    where state = 'GIVEN' and lapses_at_age is not null;
