-- A citizen who died. The wider check takes the place of the one before.
alter table citizens drop constraint citizens_status_check,
    add constraint citizens_status_check
        check (status in ('ACTIVE', 'UNLINKED', 'BLOCKED', 'DECEASED', 'ERASING', 'ERASED'));
