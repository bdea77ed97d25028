-- The membership in which an invitation was made: the invitation is over when that one is. Null in older rows.
alter table organisation_members add column invited_in uuid references organisation_members;
create index organisation_members_invited_in on organisation_members (invited_in) where state = 'INVITED';
