-- How many look-ups an officer has had in the minute and in the day that run; counted here, so that all processes
-- count together. Rows of past days go with the officer's next look-up.
create table look_up_counts (
    actor_id text not null,
    span text not null check (span in ('MINUTE', 'DAY')),
    starts_at timestamptz not null,
    taken integer not null check (taken > 0),
    primary key (actor_id, span, starts_at)
);
