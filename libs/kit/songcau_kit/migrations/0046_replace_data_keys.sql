-- One person's data key may be replaced. `data_keys` holds the version that seals; while it is replaced the other one
-- stands beside it, so that both open: first the next one, announced, then the one before. KEPT is one that stays for
-- what can never be sealed anew.
alter table data_keys
    add column version integer not null default 1 check (version between 1 and 65535),
    add column replacement text check (replacement in ('ANNOUNCED', 'SWITCHED', 'KEPT'));

create table other_data_keys (
    subject_id uuid not null references data_keys,
    version integer not null check (version between 1 and 65535),
    wrapped_key bytea not null,
    wrapping_version integer not null,
    created_at timestamptz not null default now(),
    primary key (subject_id, version)
);
create trigger other_data_keys_name_no_retired_key before insert or update of wrapping_version on other_data_keys
    for each row execute function refuse_retired_wrapping_key();
