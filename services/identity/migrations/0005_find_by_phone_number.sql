-- Finds the people of a telephone number. A profile written by an older release gets its digest when its citizen
-- signs in again.
alter table citizen_profiles add column phone_number_bix bytea;
create index citizen_profiles_by_phone_number on citizen_profiles (phone_number_bix, citizen_id)
    where phone_number_bix is not null;
