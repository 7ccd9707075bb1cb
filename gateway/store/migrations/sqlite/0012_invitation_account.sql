-- Whether an invitation is for the invited address only. Those of before are.
ALTER TABLE invitation ADD COLUMN account_must_match INTEGER NOT NULL DEFAULT 1;
