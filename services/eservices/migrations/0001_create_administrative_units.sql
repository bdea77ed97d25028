-- A code is used again for other places (05467), so a unit is keyed by code and first day.
create table administrative_units (
    code text not null check (code ~ '^[0-9]{2,5}$'),
    valid_from date not null,
    valid_to date check (valid_to > valid_from),
    kind text not null check (kind in ('PROVINCE', 'DISTRICT', 'COMMUNE', 'WARD', 'TOWNSHIP')),
    name text not null,
    parent_code text,
    primary key (code, valid_from)
);

create table unit_successions (
    old_code text not null,
    old_valid_from date not null,
    new_code text not null,
    new_valid_from date not null,
    partial boolean not null,
    primary key (old_code, old_valid_from, new_code, new_valid_from),
    foreign key (old_code, old_valid_from) references administrative_units (code, valid_from),
    foreign key (new_code, new_valid_from) references administrative_units (code, valid_from)
);

create index unit_successions_new on unit_successions (new_code, new_valid_from);
