-- A citizen may take a complaint back; what they wrote goes with it.
alter table access_complaints
    drop constraint access_complaints_state_check,
    drop constraint access_complaints_check,
    add constraint access_complaints_state_check
        check (state in ('RECEIVED', 'ACKNOWLEDGED', 'ANSWERED', 'WITHDRAWN')),
    add constraint access_complaints_acknowledged_check check (
        case state
            when 'RECEIVED' then acknowledged_at is null
            when 'WITHDRAWN' then true
            else acknowledged_at is not null
        end
    );
-- The predicate names the open states, so that one that was withdrawn stands in nobody's way. It implies that of the
-- index it follows: the statement that asks for the new one is served by either.
create unique index access_complaints_open_entry on access_complaints (entry_id)
    where state in ('RECEIVED', 'ACKNOWLEDGED');
drop index access_complaints_open;
create index access_complaints_open_by_day on access_complaints (acknowledge_by, access_complaint_id)
    where state in ('RECEIVED', 'ACKNOWLEDGED');
drop index access_complaints_waiting;
