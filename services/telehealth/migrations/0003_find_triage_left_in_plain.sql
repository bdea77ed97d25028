-- Triage's priority and redirect are sealed in `triage_enc` from now on. The plain columns stay for the release before;
-- `work` moves what they hold and finds it here.
create index consultations_with_plain_triage on consultations (consultation_id)
    where priority is not null or redirect is not null;
