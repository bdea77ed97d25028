-- The catalogue is written rarely and in bulk: words go to the index at once, since a long pending list
-- makes the planner read the whole table instead.
alter index procedure_versions_words set (fastupdate = off);
alter index procedure_versions_authority set (fastupdate = off);
select gin_clean_pending_list('procedure_versions_words'), gin_clean_pending_list('procedure_versions_authority');

create index procedure_versions_service_level on procedure_versions (service_level, list_rank, procedure_code)
    where not overlaid;
create index procedure_versions_online on procedure_versions (online, list_rank, procedure_code) where not overlaid;
create index procedure_versions_levels on procedure_versions using gin (authority_levels) with (fastupdate = off);
