-- Until when a service has told everything: in its own database as it said so last, in those that keep copies of it as
-- they heard last. `noted_at` keeps several processes from saying it at once.
create table heartbeats (
    service text primary key,
    told_until timestamptz not null,
    noted_at timestamptz not null default now()
);
