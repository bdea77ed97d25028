-- A citizen who died. The wider check takes the place of the one before.
alter table citizens drop constraint citizens_status_check,
    add constraint citizens_status_check check (status in ('ACTIVE', 'UNLINKED', 'BLOCKED', 'DECEASED'));
-- On what somebody stands for another, as identity says it; empty where an older release took it over.
alter table representations add column kind text not null default '';
