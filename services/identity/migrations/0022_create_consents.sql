-- What holds for one person and one purpose; two decisions at once cannot both be the first.
create table consents (
    consent_id uuid primary key,
    citizen_id uuid not null references citizens,
    purpose text not null,
    state text not null check (state in ('GIVEN', 'WITHDRAWN', 'LAPSED')),
    text_version text not null,
    version bigint not null check (version > 0),
    decided_at timestamptz not null,
    constraint consents_one_of_a_purpose unique (citizen_id, purpose)
);
create index consents_given on consents (purpose, text_version) where state = 'GIVEN';

-- Every decision with its proof; rows are only added. Two decisions at once cannot both be the same one.
create table consent_decisions (
    consent_id uuid not null references consents,
    version bigint not null check (version > 0),
    state text not null check (state in ('GIVEN', 'WITHDRAWN', 'LAPSED')),
    text_version text not null,
    text_sha256 bytea not null,
    channel text check (channel in ('APP', 'PAPER', 'RECORDED_CALL')),
    decided_as text not null check (decided_as in ('SELF', 'REPRESENTATIVE', 'SYSTEM')),
    decided_by uuid references citizens,
    recorded_by text not null,
    recorded_for text not null,
    client_id text not null,
    evidence_enc bytea,
    decided_at timestamptz not null,
    primary key (consent_id, version),
    check ((decided_as = 'SYSTEM') = (decided_by is null)),
    check ((decided_as = 'SYSTEM') = (channel is null)),
    check (coalesce(channel in ('PAPER', 'RECORDED_CALL'), false) = (evidence_enc is not null))
);
