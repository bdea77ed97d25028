-- Who helped a citizen in an access that another service reported; null where nobody did.
alter table access_entries
    add column assisted_by text,
    add column assisted_by_kind text,
    add column assisted_by_organization text;
create index audit_entries_assisted on audit_entries (assisted_by, occurred_at desc, id desc)
    where assisted_by is not null;
create index access_entries_assisted on access_entries (assisted_by, occurred_at desc, entry_id desc)
    where assisted_by is not null;
