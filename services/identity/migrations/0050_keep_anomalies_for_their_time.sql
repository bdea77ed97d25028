-- Finds what is kept no longer, the oldest first.
create index anomalies_by_decision on anomalies (decided_at) where decided_at is not null;
create index watched_citizens_by_end on watched_citizens (ended_at) where ended_at is not null;

-- Four eyes: who put a citizen on the list does not take them off it. No check constraint, which would keep rows that
-- ended otherwise before from being sealed anew.
create function refuse_own_watch_ended() returns trigger language plpgsql as $$
begin
    raise exception 'who put a citizen on the list does not take them off it' using errcode = 'check_violation';
end
$$;
create trigger watched_citizens_ended_by_another before update of ended_by on watched_citizens
    for each row when (old.ended_by is null and new.ended_by = new.watched_by)
    execute function refuse_own_watch_ended();
