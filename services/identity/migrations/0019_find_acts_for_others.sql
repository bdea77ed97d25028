-- What citizens did in the name of others stands on their own list of acts, too.
create index audit_entries_for_others on audit_entries (actor_id, occurred_at desc, id desc)
    where on_behalf_of is not null and actor_kind = 'CITIZEN';
create index access_entries_for_others on access_entries (actor_id, occurred_at desc, entry_id desc)
    where on_behalf_of <> '' and actor_kind = 'CITIZEN';
