-- Who did it, and indexes for what is asked. `actor`, `person`, `item`, `link` hold the beginning of what the body says.
ALTER TABLE audit_record ADD COLUMN actor TEXT;
CREATE INDEX audit_record_actor ON audit_record (tenant, actor, at);
CREATE INDEX audit_record_operation ON audit_record (tenant, operation, at);
DROP INDEX audit_record_item;
CREATE INDEX audit_record_item ON audit_record (tenant, site, item, at) WHERE site IS NOT NULL;

-- How far a chain had come at a moment; `signed` is a JWS over that, and the truth.
CREATE TABLE audit_checkpoint (
    chain  TEXT    NOT NULL,
    number INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    signed TEXT    NOT NULL,
    PRIMARY KEY (chain, number)
) STRICT, WITHOUT ROWID;

-- Append-only. REPLACE deletes without telling triggers of deletion, but asks those of insertion first.
CREATE TRIGGER audit_record_altered BEFORE UPDATE ON audit_record
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_record_removed BEFORE DELETE ON audit_record
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_record_replaced BEFORE INSERT ON audit_record
WHEN EXISTS (SELECT 1 FROM audit_record WHERE chain = NEW.chain AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_checkpoint_altered BEFORE UPDATE ON audit_checkpoint
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_checkpoint_removed BEFORE DELETE ON audit_checkpoint
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
