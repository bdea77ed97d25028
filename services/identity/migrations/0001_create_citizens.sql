-- One row per person or organisation. Nothing personal stands here, so no uniqueness either: that is the identifiers'.
create table citizens (
    citizen_id uuid primary key,
    status text not null check (status in ('ACTIVE', 'UNLINKED', 'BLOCKED')),
    account_kind text not null check (account_kind in ('CITIZEN', 'ORGANISATION')),
    identity_level smallint not null check (identity_level in (1, 2)),
    version bigint not null,
    created_at timestamptz not null,
    linked_at timestamptz not null,
    last_verified_at timestamptz not null,
    updated_at timestamptz not null
);

-- Facts of the last verification, encrypted under the citizen's key; the digests find, they tell nothing.
create table citizen_profiles (
    citizen_id uuid primary key references citizens,
    full_name_enc bytea not null,
    birth_date_enc bytea,
    phone_number_enc bytea,
    name_bix bytea not null,
    name_exact_bix bytea not null,
    name_year_bix bytea,
    updated_at timestamptz not null
);
create index citizen_profiles_by_name on citizen_profiles (name_bix, citizen_id);
create index citizen_profiles_by_name_and_year on citizen_profiles (name_year_bix, citizen_id);

-- Every number a citizen ever had. A number can be cancelled and another issued, so one person may have several,
-- and a number is unique only while it is active.
create table identifiers (
    identifier_id uuid primary key,
    citizen_id uuid not null references citizens,
    kind text not null check (kind in ('PERSONAL_NUMBER', 'TAX_CODE', 'CMND_9', 'PASSPORT', 'FOREIGNER_EID')),
    value_enc bytea not null,
    value_bix bytea not null,
    status text not null check (status in ('ACTIVE', 'CANCELLED')),
    active_from timestamptz not null,
    cancelled_at timestamptz,
    check ((status = 'CANCELLED') = (cancelled_at is not null))
);
create unique index identifiers_active on identifiers (value_bix, kind) where status = 'ACTIVE';
create index identifiers_by_value on identifiers (value_bix, kind);
create index identifiers_by_citizen on identifiers (citizen_id, active_from);

-- That and how facts were verified: the evidence, never the provider's answer.
create table verifications (
    verification_id uuid primary key,
    citizen_id uuid not null references citizens,
    method text not null,
    transaction_id text not null,
    verified_at timestamptz not null,
    identity_level smallint not null,
    authentication_level smallint not null check (authentication_level between 1 and 4),
    recorded_at timestamptz not null
);
create index verifications_by_citizen on verifications (citizen_id, verified_at);
