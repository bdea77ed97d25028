-- The release before 0037 is still at work while this one is rolled out, and asks of a complaint that nobody has one of
-- the entry whose `state <> 'ANSWERED'`: without an index of that predicate its statement is refused. It is given back.
-- One that was withdrawn must not stand in its way, so it no longer names its entry there; `entry` still tells of it.
--
-- Once no process of a release before 0037 is left, a later release takes the index, the trigger and its function away.
alter table access_complaints alter column entry_id drop not null;

create function let_go_of_entry() returns trigger language plpgsql as $$
begin
    new.entry_id := null;
    return new;
end
$$;
create trigger withdrawn_complaints_let_go_of_their_entry before insert or update on access_complaints
    for each row when (new.state = 'WITHDRAWN') execute function let_go_of_entry();

update access_complaints set entry_id = null where state = 'WITHDRAWN';
create unique index access_complaints_open on access_complaints (entry_id) where state <> 'ANSWERED';
-- Whoever looks into an anomaly still finds what was complained about and taken back.
create index access_complaints_withdrawn on access_complaints ((entry ->> 'entry_id')) where state = 'WITHDRAWN';
