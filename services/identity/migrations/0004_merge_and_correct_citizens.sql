-- Two records of one person are one by a reference from the merged to the surviving record; nothing is moved. The
-- reference can only point at a record that is not merged itself, and a record that others point at cannot be merged:
-- the second column of the foreign key is always false, and changing what it points at breaks it. So there are no
-- chains and no circles, whoever merges at the same time.
alter table citizens
    add column merged_into uuid,
    add column is_merged boolean not null default false,
    add column target_is_merged boolean not null default false,
    add constraint citizens_not_into_themselves check (merged_into <> citizen_id),
    add constraint citizens_merged_or_not check (is_merged = (merged_into is not null)),
    add constraint citizens_target_not_merged check (not target_is_merged),
    add constraint citizens_merge_state unique (citizen_id, is_merged),
    add constraint citizens_merged_into_a_survivor foreign key (merged_into, target_is_merged)
        references citizens (citizen_id, is_merged);
create index citizens_by_survivor on citizens (merged_into) where merged_into is not null;

-- Known only where an officer entered it; encrypted like the rest, without a digest: two values are no search.
alter table citizen_profiles add column sex_enc bytea;

-- What officers did to records and the documents they did it on; facts before a correction stay here.
create table record_acts (
    act_id uuid primary key,
    citizen_id uuid not null references citizens,
    other_citizen_id uuid references citizens,
    act text not null,
    officer text not null,
    agencies text not null,
    evidence_enc bytea not null,
    before_enc bytea,
    recorded_at timestamptz not null
);
create index record_acts_by_citizen on record_acts (citizen_id, recorded_at);

-- What does not fit together in a record, until an officer settles it.
create table record_doubts (
    doubt_id uuid primary key,
    citizen_id uuid not null references citizens,
    doubt text not null,
    raised_at timestamptz not null,
    settled_at timestamptz,
    settlement text check (settlement in ('CONFIRMED', 'CORRECTED')),
    act_id uuid references record_acts,
    check ((settled_at is null) = (settlement is null))
);
create unique index record_doubts_open on record_doubts (citizen_id, doubt) where settled_at is null;
create index record_doubts_oldest on record_doubts (raised_at, doubt_id) where settled_at is null;
create index record_doubts_by_citizen on record_doubts (citizen_id, doubt);

-- A number belongs to one citizen for ever, cancelled or not. Rows are never deleted; two that come at once are both
-- active, and then the unique index settles it.
create function refuse_reused_identifier() returns trigger language plpgsql as $$
begin
    if exists (select from identifiers where value_bix = new.value_bix and kind = new.kind
            and citizen_id <> new.citizen_id) then
        raise unique_violation using constraint = 'identifiers_never_reused',
            message = 'the number belongs or belonged to another citizen';
    end if;
    return new;
end $$;
create trigger identifiers_never_reused before insert on identifiers
    for each row execute function refuse_reused_identifier();
