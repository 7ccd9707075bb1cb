-- Moments are seconds since the Unix epoch. A row whose moment of `expires`, `until` or `forget` has come
-- counts as absent, whether or not it has been swept.

CREATE TABLE redemption (
    tenant TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    guest TEXT COLLATE "C" NOT NULL,
    cloud TEXT COLLATE "C",
    provider TEXT COLLATE "C" NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    provider_tenant TEXT COLLATE "C",
    subject TEXT COLLATE "C" NOT NULL,
    consented_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, address)
);

CREATE UNIQUE INDEX redemption_identity ON redemption
    (tenant, COALESCE(cloud, ''), provider, issuer, COALESCE(provider_tenant, ''), subject);

-- Who redeemed an invitation stays who redeemed it, whatever a later statement says.
CREATE FUNCTION redemption_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a redemption never changes';
END
$$;

CREATE TRIGGER redemption_immutable BEFORE UPDATE ON redemption
    FOR EACH ROW EXECUTE FUNCTION redemption_immutable();

CREATE TABLE revoked_session (
    session BYTEA NOT NULL PRIMARY KEY CHECK (length(session) = 16),
    at BIGINT NOT NULL,
    until BIGINT
);

CREATE TABLE revoked_person (
    tenant TEXT COLLATE "C" NOT NULL,
    cloud TEXT COLLATE "C",
    provider TEXT COLLATE "C" NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    provider_tenant TEXT COLLATE "C",
    subject TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    until BIGINT
);

CREATE UNIQUE INDEX revoked_person_identity ON revoked_person
    (tenant, COALESCE(cloud, ''), provider, issuer, COALESCE(provider_tenant, ''), subject);

CREATE TABLE revoked_link (
    tenant TEXT COLLATE "C" NOT NULL,
    link TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, link)
);

CREATE TABLE revoked_guest (
    tenant TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, address)
);

CREATE TABLE attempt (
    -- Grows with every attempt: tells which of two begun in the same second is older.
    begun BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    handle BYTEA NOT NULL UNIQUE CHECK (length(handle) = 16),
    browser BYTEA NOT NULL CHECK (length(browser) = 32),
    host TEXT COLLATE "C" NOT NULL,
    tenant TEXT COLLATE "C" NOT NULL,
    provider TEXT COLLATE "C" NOT NULL,
    generation TEXT COLLATE "C" NOT NULL,
    return_to TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL CHECK (sequence BETWEEN 0 AND 4294967295),
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL
);

CREATE INDEX attempt_browser ON attempt (browser, begun);
CREATE INDEX attempt_expires ON attempt (expires);

-- What was counted in one second; a window is the sum of its seconds.
CREATE TABLE counter (
    scope TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    n BIGINT NOT NULL CHECK (n > 0),
    forget BIGINT NOT NULL,
    PRIMARY KEY (scope, key, at)
);

CREATE INDEX counter_forget ON counter (forget);

CREATE TABLE consumed (
    provider TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (provider, id)
);

CREATE INDEX consumed_until ON consumed (until);
