-- To which unit of today each hamlet went by the province's own list, which is loaded whole and stands above what officers
-- found (hamlets). Geography, nothing personal.
create table listed_hamlets (
    old_code text not null check (old_code ~ '^[0-9]{5}$'),
    old_valid_from date not null,
    name text not null check (name <> ''),
    unit_code text not null check (unit_code ~ '^[0-9]{5}$'),
    primary key (old_code, old_valid_from, name)
);
