-- Where citizens live, as they wrote it. Everything that tells where stands in value_enc: the text, the hamlet, the point,
-- the units then and now. A proposal of the citizen and the address on record may stand beside each other.
create table addresses (
    address_id uuid primary key,
    citizen_id uuid not null references citizens,
    kind text not null check (kind in ('PERMANENT', 'TEMPORARY', 'CURRENT')),
    state text not null check (state in ('PROPOSED', 'RECORDED', 'ENDED', 'REFUSED', 'REPLACED')),
    resolution text not null check (resolution in ('RESOLVED', 'AMBIGUOUS', 'UNKNOWN')),
    value_enc bytea not null,
    entered_by text not null check (entered_by in ('CITIZEN', 'OFFICER')),
    entered_at timestamptz not null,
    act_id uuid references record_acts,
    recorded_at timestamptz,
    ended_at timestamptz,
    refusal text check (refusal in ('NOT_PROVED', 'INCOMPLETE', 'NOT_RESIDENT')),
    resolving_act_id uuid references record_acts,
    check ((state in ('RECORDED', 'ENDED', 'REFUSED')) = (act_id is not null)),
    check ((state in ('RECORDED', 'ENDED')) = (recorded_at is not null)),
    check ((state in ('ENDED', 'REFUSED', 'REPLACED')) = (ended_at is not null)),
    check ((state = 'REFUSED') = (refusal is not null)),
    check (state <> 'PROPOSED' or entered_by = 'CITIZEN')
);
create unique index addresses_on_record on addresses (citizen_id, kind) where state = 'RECORDED';
create unique index addresses_proposed on addresses (citizen_id, kind) where state = 'PROPOSED';
create index addresses_by_citizen on addresses (citizen_id, entered_at);
