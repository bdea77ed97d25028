-- What an officer drafted for the leader to sign, encrypted under the citizen's data key.
alter table dossiers add column proposal_enc bytea;
