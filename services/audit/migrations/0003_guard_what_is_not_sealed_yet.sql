-- What stands in front of the tree may only move into it; the application's role owns no table and cannot lift this.
create function refuse_removal_of_log() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log only grows';
end
$$;
create trigger leaves_are_not_emptied before truncate on leaves execute function refuse_removal_of_log();
create trigger tiles_are_not_emptied before truncate on tiles execute function refuse_removal_of_log();
create trigger checkpoints_are_not_emptied before truncate on checkpoints execute function refuse_removal_of_log();
create trigger arrivals_are_not_emptied before truncate on arrivals execute function refuse_removal_of_log();
create trigger trees_are_not_emptied before truncate on trees execute function refuse_removal_of_log();
create trigger entry_counts_are_not_emptied before truncate on entry_counts execute function refuse_removal_of_log();

-- A leaf leaves the queue only for its place in the tree, as it is.
create trigger arrivals_stay_as_they_are before update on arrivals
    for each row execute function refuse_removal_of_log();
create function require_place_in_tree() returns trigger language plpgsql as $$
begin
    if not exists (select from leaves where entry_id = old.entry_id and leaf = old.leaf) then
        raise exception 'a leaf that waits leaves only for its place in the tree';
    end if;
    return null;
end
$$;
create constraint trigger arrivals_move_into_the_tree after delete on arrivals
    deferrable initially deferred for each row execute function require_place_in_tree();

-- The size only grows, and is how many leaves there are once a transaction ends.
create function require_growth_of_tree() returns trigger language plpgsql as $$
begin
    if tg_op <> 'UPDATE' or new.size < old.size then
        raise exception 'the tree of the audit log only grows';
    end if;
    return new;
end
$$;
create trigger trees_only_grow before insert or update or delete on trees
    for each row execute function require_growth_of_tree();
create function require_leaves_of_tree() returns trigger language plpgsql as $$
declare
    there bigint := (select coalesce(max(leaf_index) + 1, 0) from leaves);
begin
    if (select size from trees) <> there then
        raise exception 'the tree has % leaves, it says another number', there;
    end if;
    return null;
end
$$;
create constraint trigger trees_count_their_leaves after update on trees
    deferrable initially deferred for each row execute function require_leaves_of_tree();
create constraint trigger leaves_are_counted after insert on leaves
    deferrable initially deferred for each row execute function require_leaves_of_tree();

-- Nobody vouches for entries that are not there.
create function require_tree_of_checkpoint() returns trigger language plpgsql as $$
begin
    if new.tree_size > (select size from trees) then
        raise exception 'a checkpoint is of a tree that is not there';
    end if;
    return new;
end
$$;
create trigger checkpoints_are_of_the_tree before insert on checkpoints
    for each row execute function require_tree_of_checkpoint();

-- Numbers go up by one; a count goes as a whole, when its citizen is erased.
create function require_next_number() returns trigger language plpgsql as $$
begin
    if new.subject_bix <> old.subject_bix or new.entries <> old.entries + 1 then
        raise exception 'the entries about a citizen are numbered without a gap';
    end if;
    return new;
end
$$;
create trigger entry_counts_go_up_by_one before update on entry_counts
    for each row execute function require_next_number();
create function require_first_number() returns trigger language plpgsql as $$
begin
    if new.entries <> 1 then
        raise exception 'the entries about a citizen are numbered from 1';
    end if;
    return new;
end
$$;
create trigger entry_counts_begin_with_one before insert on entry_counts
    for each row execute function require_first_number();
