-- To which unit of today a hamlet of a split unit went, as officers found it on evidence. Geography, nothing personal;
-- the name is compared with its accents, since hamlets that differ in accents alone are different places.
create table hamlets (
    old_code text not null check (old_code ~ '^[0-9]{5}$'),
    old_valid_from date not null,
    name text not null,
    unit_code text not null check (unit_code ~ '^[0-9]{5}$'),
    act_id uuid not null references record_acts,
    recorded_at timestamptz not null,
    primary key (old_code, old_valid_from, name)
);
