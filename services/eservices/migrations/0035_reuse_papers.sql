-- The file of an earlier dossier that a file was taken from. No reference: the earlier one may be erased, this one stays.
alter table attachments add column reused_from uuid;
