-- Ids of items: opaque, and moved along with what is moved through the gateway. `item` is the encoded path; `item_key` is
-- what it is found by when it moves; `path_hash` is SHA-256 of the path, in hexadecimal.

CREATE TABLE item (
    tenant TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    site TEXT COLLATE "C" NOT NULL,
    item TEXT COLLATE "C" NOT NULL,
    item_key TEXT COLLATE "C" NOT NULL,
    path_hash TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX item_path ON item (tenant, site, path_hash);
CREATE INDEX item_below ON item (tenant, site, item_key);
