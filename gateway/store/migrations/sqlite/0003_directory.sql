-- What is changed through the API. Booleans are 0 and 1; `version` is the place of the last change in the order of all.

CREATE TABLE directory_user (
    tenant             TEXT    NOT NULL,
    id                 TEXT    NOT NULL,
    address            TEXT    NOT NULL,
    user_type          TEXT    NOT NULL,
    origin             TEXT    NOT NULL,
    manager            TEXT    NOT NULL,
    account_enabled    INTEGER NOT NULL,
    sponsor            TEXT,
    created            INTEGER NOT NULL,
    state_changed      INTEGER NOT NULL,
    invitation_expires INTEGER,
    expires            TEXT    NOT NULL,
    administers        TEXT    NOT NULL,
    mfa_registered     INTEGER NOT NULL,
    deleted            INTEGER,
    profile            TEXT    NOT NULL,
    -- Of a deleted entry: what it had redeemed. Its address and its identity are free for others meanwhile.
    cloud              TEXT,
    provider           TEXT,
    issuer             TEXT,
    provider_tenant    TEXT,
    subject            TEXT,
    consented_at       INTEGER,
    version            INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX directory_user_address ON directory_user (tenant, address) WHERE deleted IS NULL;
CREATE INDEX directory_user_deleted ON directory_user (tenant, id) WHERE deleted IS NOT NULL;
CREATE INDEX directory_user_gone ON directory_user (tenant, address) WHERE deleted IS NOT NULL;

CREATE TABLE invitation (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    guest        TEXT    NOT NULL,
    address      TEXT    NOT NULL,
    manager      TEXT    NOT NULL,
    site         TEXT,
    redirect_url TEXT,
    invited_by   TEXT,
    created      INTEGER NOT NULL,
    ended        INTEGER,
    version      INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX invitation_guest ON invitation (tenant, guest, created);

-- `recipient` is `members`, `everyone`, `all-users`, `group:ID` or `address:ADDRESS`. `item` is the encoded path;
-- `item_key` is what it is found by: letters folded, no slash at the end, and cut where it is very long.
CREATE TABLE permission (
    tenant                  TEXT    NOT NULL,
    id                      TEXT    NOT NULL,
    site                    TEXT    NOT NULL,
    item                    TEXT    NOT NULL,
    item_key                TEXT    NOT NULL,
    recipient               TEXT    NOT NULL,
    role                    TEXT    NOT NULL,
    created_by              TEXT    NOT NULL,
    manager                 TEXT    NOT NULL,
    expires                 INTEGER,
    created                 INTEGER NOT NULL,
    link                    TEXT,
    shared_with_integration INTEGER NOT NULL,
    version                 INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX permission_recipient ON permission (tenant, recipient, site, item_key);
CREATE INDEX permission_item ON permission (tenant, site, item_key);
CREATE INDEX permission_link ON permission (tenant, link) WHERE link IS NOT NULL;

CREATE TABLE link (
    tenant                  TEXT    NOT NULL,
    id                      TEXT    NOT NULL,
    token                   BLOB    NOT NULL CHECK (length(token) = 32),
    site                    TEXT    NOT NULL,
    item                    TEXT    NOT NULL,
    item_key                TEXT    NOT NULL,
    kind                    TEXT    NOT NULL,
    scope                   TEXT    NOT NULL,
    created_by              TEXT    NOT NULL,
    creator_may_share       INTEGER NOT NULL,
    manager                 TEXT    NOT NULL,
    created                 INTEGER NOT NULL,
    expires                 INTEGER,
    sealed_token            BLOB,
    application             TEXT,
    shared_with_integration INTEGER NOT NULL,
    version                 INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX link_token ON link (tenant, token);
CREATE INDEX link_item ON link (tenant, site, item_key);

-- Whom a link of the scope `users` is for.
CREATE TABLE link_person (
    tenant  TEXT NOT NULL,
    link    TEXT NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (tenant, link, address)
) STRICT, WITHOUT ROWID;

CREATE INDEX link_person_address ON link_person (tenant, address, link);

CREATE TABLE directory_group (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    display_name TEXT    NOT NULL,
    people       TEXT    NOT NULL,
    groups       TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

-- `scope` is `tenant`, `directory` or `site:ID`.
CREATE TABLE setting (
    tenant  TEXT    NOT NULL,
    scope   TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    value   TEXT    NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (tenant, scope, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE document (
    tenant     TEXT    NOT NULL,
    collection TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    PRIMARY KEY (tenant, collection, key)
) STRICT, WITHOUT ROWID;

-- Permissions that the configuration declares, and that were revoked. Such links are in `revoked_link`, such guests
-- in `revoked_guest`.
CREATE TABLE revoked_permission (
    tenant     TEXT    NOT NULL,
    permission TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (tenant, permission)
) STRICT, WITHOUT ROWID;

-- What changed, numbered in the order of the commits, for whoever keeps something of it in memory. `kind` and `key`
-- say what about: see `feed.rs`.
CREATE TABLE change (
    sequence INTEGER NOT NULL PRIMARY KEY,
    tenant   TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    at       INTEGER NOT NULL
) STRICT;

CREATE INDEX change_at ON change (at);

CREATE TABLE audit_record (
    chain     TEXT    NOT NULL,
    number    INTEGER NOT NULL,
    tenant    TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    body      TEXT    NOT NULL,
    hash      BLOB    NOT NULL CHECK (length(hash) = 32),
    operation TEXT    NOT NULL,
    person    TEXT,
    site      TEXT,
    item      TEXT,
    link      TEXT,
    PRIMARY KEY (chain, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_record_at ON audit_record (tenant, at);
CREATE INDEX audit_record_person ON audit_record (tenant, person, at) WHERE person IS NOT NULL;
CREATE INDEX audit_record_link ON audit_record (tenant, link, at) WHERE link IS NOT NULL;
CREATE INDEX audit_record_item ON audit_record (tenant, site, at) WHERE site IS NOT NULL;
