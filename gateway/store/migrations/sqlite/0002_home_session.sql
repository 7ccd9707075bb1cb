-- Sessions at identity providers that a session here came of: only those can be asked to end. As
-- `revoked_session` names them, and until the last session that came of it is over.

CREATE TABLE home_session (
    session BLOB    NOT NULL PRIMARY KEY CHECK (length(session) = 16),
    until   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX home_session_until ON home_session (until);
