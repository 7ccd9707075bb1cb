-- Ids of items: opaque, and moved along with what is moved through the gateway. `item` is the encoded path; `item_key` is
-- what it is found by when it moves; `path_hash` is SHA-256 of the path, in hexadecimal.

CREATE TABLE item (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    site TEXT NOT NULL,
    item TEXT NOT NULL,
    item_key TEXT NOT NULL,
    path_hash TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX item_path ON item (tenant, site, path_hash);
CREATE INDEX item_below ON item (tenant, site, item_key);
