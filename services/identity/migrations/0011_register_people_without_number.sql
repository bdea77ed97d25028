-- People whom an officer entered on papers: no electronic identity (level 0), and no number yet or ever.
alter table citizens drop constraint citizens_identity_level_check,
    add constraint citizens_identity_level_check check (identity_level in (0, 1, 2));
alter table citizen_profiles add column nationality_enc bytea;

-- A citizen is known by one number at a time.
create unique index identifiers_one_of_a_citizen on identifiers (citizen_id)
    where status = 'ACTIVE' and kind in ('PERSONAL_NUMBER', 'TAX_CODE', 'FOREIGNER_EID');

-- Children without a number, known by a temporary key until it is issued. The citizen id is the child's for good. The
-- order of birth tells twins of one certificate apart.
create table newborns (
    citizen_id uuid primary key references citizens,
    mother_id uuid not null references citizens,
    certificate_enc bytea not null,
    certificate_bix bytea not null,
    birth_order smallint not null check (birth_order between 1 and 9),
    temporary_key text not null unique,
    state text not null check (state in ('TEMPORARY', 'REPLACED', 'VOIDED')),
    void_reason text check (void_reason in ('ENTERED_IN_ERROR', 'ENTERED_TWICE', 'DECEASED')),
    registered_at timestamptz not null,
    ended_at timestamptz,
    check ((state = 'TEMPORARY') = (ended_at is null)),
    check ((state = 'VOIDED') = (void_reason is not null))
);
create unique index newborns_registered_once on newborns (mother_id, certificate_bix, birth_order)
    where state <> 'VOIDED';
create index newborns_by_mother on newborns (mother_id, registered_at);
