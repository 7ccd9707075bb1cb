-- What is changed through the API. Booleans are 0 and 1; `version` is the place of the last change in the order of all.

CREATE TABLE directory_user (
    tenant TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    user_type TEXT COLLATE "C" NOT NULL,
    origin TEXT COLLATE "C" NOT NULL,
    manager TEXT COLLATE "C" NOT NULL,
    account_enabled BIGINT NOT NULL,
    sponsor TEXT COLLATE "C",
    created BIGINT NOT NULL,
    state_changed BIGINT NOT NULL,
    invitation_expires BIGINT,
    expires TEXT COLLATE "C" NOT NULL,
    administers TEXT COLLATE "C" NOT NULL,
    mfa_registered BIGINT NOT NULL,
    deleted BIGINT,
    profile TEXT COLLATE "C" NOT NULL,
    -- Of a deleted entry: what it had redeemed. Its address and its identity are free for others meanwhile.
    cloud TEXT COLLATE "C",
    provider TEXT COLLATE "C",
    issuer TEXT COLLATE "C",
    provider_tenant TEXT COLLATE "C",
    subject TEXT COLLATE "C",
    consented_at BIGINT,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX directory_user_address ON directory_user (tenant, address) WHERE deleted IS NULL;
CREATE INDEX directory_user_deleted ON directory_user (tenant, id) WHERE deleted IS NOT NULL;
CREATE INDEX directory_user_gone ON directory_user (tenant, address) WHERE deleted IS NOT NULL;

CREATE TABLE invitation (
    tenant TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    guest TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    manager TEXT COLLATE "C" NOT NULL,
    site TEXT COLLATE "C",
    redirect_url TEXT COLLATE "C",
    invited_by TEXT COLLATE "C",
    created BIGINT NOT NULL,
    ended BIGINT,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX invitation_guest ON invitation (tenant, guest, created);

-- `recipient` is `members`, `everyone`, `all-users`, `group:ID` or `address:ADDRESS`. `item` is the encoded path;
-- `item_key` is what it is found by: letters folded, no slash at the end, and cut where it is very long.
CREATE TABLE permission (
    tenant TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    site TEXT COLLATE "C" NOT NULL,
    item TEXT COLLATE "C" NOT NULL,
    item_key TEXT COLLATE "C" NOT NULL,
    recipient TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    manager TEXT COLLATE "C" NOT NULL,
    expires BIGINT,
    created BIGINT NOT NULL,
    link TEXT COLLATE "C",
    shared_with_integration BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX permission_recipient ON permission (tenant, recipient, site, item_key);
CREATE INDEX permission_item ON permission (tenant, site, item_key);
CREATE INDEX permission_link ON permission (tenant, link) WHERE link IS NOT NULL;

CREATE TABLE link (
    tenant TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    token BYTEA NOT NULL CHECK (length(token) = 32),
    site TEXT COLLATE "C" NOT NULL,
    item TEXT COLLATE "C" NOT NULL,
    item_key TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    creator_may_share BIGINT NOT NULL,
    manager TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT,
    sealed_token BYTEA,
    application TEXT COLLATE "C",
    shared_with_integration BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX link_token ON link (tenant, token);
CREATE INDEX link_item ON link (tenant, site, item_key);

-- Whom a link of the scope `users` is for.
CREATE TABLE link_person (
    tenant TEXT COLLATE "C" NOT NULL,
    link TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, link, address)
);

CREATE INDEX link_person_address ON link_person (tenant, address, link);

CREATE TABLE directory_group (
    tenant TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    display_name TEXT COLLATE "C" NOT NULL,
    people TEXT COLLATE "C" NOT NULL,
    groups TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- `scope` is `tenant`, `directory` or `site:ID`.
CREATE TABLE setting (
    tenant TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant, scope, name)
);

CREATE TABLE document (
    tenant TEXT COLLATE "C" NOT NULL,
    collection TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant, collection, key)
);

-- Permissions that the configuration declares, and that were revoked. Such links are in `revoked_link`, such guests
-- in `revoked_guest`.
CREATE TABLE revoked_permission (
    tenant TEXT COLLATE "C" NOT NULL,
    permission TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, permission)
);

-- What changed, numbered in the order of the commits, for whoever keeps something of it in memory. `kind` and `key`
-- say what about: see `feed.rs`.
CREATE TABLE change (
    sequence BIGINT NOT NULL PRIMARY KEY,
    tenant TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX change_at ON change (at);

CREATE TABLE audit_record (
    chain TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    tenant TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    operation TEXT COLLATE "C" NOT NULL,
    person TEXT COLLATE "C",
    site TEXT COLLATE "C",
    item TEXT COLLATE "C",
    link TEXT COLLATE "C",
    PRIMARY KEY (chain, number)
);

CREATE INDEX audit_record_at ON audit_record (tenant, at);
CREATE INDEX audit_record_person ON audit_record (tenant, person, at) WHERE person IS NOT NULL;
CREATE INDEX audit_record_link ON audit_record (tenant, link, at) WHERE link IS NOT NULL;
CREATE INDEX audit_record_item ON audit_record (tenant, site, at) WHERE site IS NOT NULL;
