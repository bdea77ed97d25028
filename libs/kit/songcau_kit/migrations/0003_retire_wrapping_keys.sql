-- How many keys each wrapping key wraps is asked often, and while writers wait.
create index data_keys_by_wrapping_version on data_keys (wrapping_version) where destroyed_at is null;

-- What wraps nothing any more and never will: a process that does not know it yet cannot write under it.
create table retired_wrapping_keys (
    version integer primary key check (version > 0),
    retired_at timestamptz not null default now()
);

create function refuse_retired_wrapping_key() returns trigger language plpgsql as $$
begin
    if exists (select from retired_wrapping_keys where version = new.wrapping_version) then
        raise exception 'wrapping key % is retired', new.wrapping_version using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;
create trigger data_keys_name_no_retired_key before insert or update of wrapping_version on data_keys
    for each row execute function refuse_retired_wrapping_key();
