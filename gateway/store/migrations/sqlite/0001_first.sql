-- Moments are seconds since the Unix epoch. A row whose moment of `expires`, `until` or `forget` has come
-- counts as absent, whether or not it has been swept.

CREATE TABLE redemption (
    tenant          TEXT    NOT NULL,
    address         TEXT    NOT NULL,
    guest           TEXT    NOT NULL,
    cloud           TEXT,
    provider        TEXT    NOT NULL,
    issuer          TEXT    NOT NULL,
    provider_tenant TEXT,
    subject         TEXT    NOT NULL,
    consented_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant, address)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX redemption_identity ON redemption
    (tenant, COALESCE(cloud, ''), provider, issuer, COALESCE(provider_tenant, ''), subject);

-- Who redeemed an invitation stays who redeemed it, whatever a later statement says.
CREATE TRIGGER redemption_immutable BEFORE UPDATE ON redemption
BEGIN
    SELECT RAISE(ABORT, 'a redemption never changes');
END;

CREATE TABLE revoked_session (
    session BLOB    NOT NULL PRIMARY KEY CHECK (length(session) = 16),
    at      INTEGER NOT NULL,
    until   INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE revoked_person (
    tenant          TEXT    NOT NULL,
    cloud           TEXT,
    provider        TEXT    NOT NULL,
    issuer          TEXT    NOT NULL,
    provider_tenant TEXT,
    subject         TEXT    NOT NULL,
    at              INTEGER NOT NULL,
    until           INTEGER
) STRICT;

CREATE UNIQUE INDEX revoked_person_identity ON revoked_person
    (tenant, COALESCE(cloud, ''), provider, issuer, COALESCE(provider_tenant, ''), subject);

CREATE TABLE revoked_link (
    tenant TEXT    NOT NULL,
    link   TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (tenant, link)
) STRICT, WITHOUT ROWID;

CREATE TABLE revoked_guest (
    tenant  TEXT    NOT NULL,
    address TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (tenant, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (
    -- Grows with every attempt: tells which of two begun in the same second is older.
    begun      INTEGER PRIMARY KEY AUTOINCREMENT,
    handle     BLOB    NOT NULL UNIQUE CHECK (length(handle) = 16),
    browser    BLOB    NOT NULL CHECK (length(browser) = 32),
    host       TEXT    NOT NULL,
    tenant     TEXT    NOT NULL,
    provider   TEXT    NOT NULL,
    generation TEXT    NOT NULL,
    return_to  TEXT    NOT NULL,
    address    TEXT,
    state      TEXT    NOT NULL,
    sequence   INTEGER NOT NULL CHECK (sequence BETWEEN 0 AND 4294967295),
    created    INTEGER NOT NULL,
    expires    INTEGER NOT NULL
) STRICT;

CREATE INDEX attempt_browser ON attempt (browser, begun);
CREATE INDEX attempt_expires ON attempt (expires);

-- What was counted in one second; a window is the sum of its seconds.
CREATE TABLE counter (
    scope  TEXT    NOT NULL,
    key    TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    n      INTEGER NOT NULL CHECK (n > 0),
    forget INTEGER NOT NULL,
    PRIMARY KEY (scope, key, at)
) STRICT, WITHOUT ROWID;

CREATE INDEX counter_forget ON counter (forget);

CREATE TABLE consumed (
    provider TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    until    INTEGER NOT NULL,
    PRIMARY KEY (provider, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX consumed_until ON consumed (until);
