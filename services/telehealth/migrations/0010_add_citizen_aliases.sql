-- Which citizen an id means since two records of one person were merged; empty again when that was undone.
-- Consultations keep the id, and the key, they were written under.
create table citizen_aliases (
    citizen_id uuid primary key,
    surviving_id uuid,
    version bigint not null
);
create index citizen_aliases_by_survivor on citizen_aliases (surviving_id) where surviving_id is not null;
