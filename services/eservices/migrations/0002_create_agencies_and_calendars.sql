create table agencies (
    code text not null check (code ~ '^[GH][0-9]{2}(\.[0-9]{1,3}){0,3}$'),
    valid_from date not null,
    valid_to date check (valid_to > valid_from),
    kind text not null check (kind in ('PROVINCE', 'DEPARTMENT', 'COMMUNE', 'POLICE', 'OTHER')),
    name text not null,
    parent_code text,
    unit_code text,
    successor_code text,
    receives_dossiers boolean not null,
    week_pattern text not null,
    basis text not null,
    primary key (code, valid_from)
);

create index agencies_unit on agencies (unit_code) where unit_code is not null;

-- Days decided after the rules were written. An empty agency means all agencies; its own row wins.
create table calendar_overrides (
    agency_code text not null default '',
    day date not null,
    working boolean not null,
    basis text not null check (basis <> ''),
    primary key (agency_code, day)
);
