-- Which open addresses wait for the officers of which commune. The commune is a keyed digest of its code, one row for each
-- that may be meant; an address that may lie anywhere has the digest of no code. Rows go with the decision.
create table address_doubts (
    address_id uuid not null references addresses on delete cascade,
    unit_bix bytea not null,
    entered_at timestamptz not null,
    primary key (address_id, unit_bix)
);
create index address_doubts_of_unit on address_doubts (unit_bix, entered_at, address_id);
create index address_doubts_by_age on address_doubts (entered_at, address_id);

-- The legal day on which an address was last placed with what was known; empty for what an older release entered.
alter table addresses add column placed_on date;
create index addresses_to_place on addresses (placed_on nulls first, address_id) where state in ('PROPOSED', 'RECORDED');
