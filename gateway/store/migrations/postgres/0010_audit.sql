-- Who did it, and indexes for what is asked. `actor`, `person`, `item`, `link` hold the beginning of what the body says.
ALTER TABLE audit_record ADD COLUMN actor TEXT COLLATE "C";
CREATE INDEX audit_record_actor ON audit_record (tenant, actor, at);
CREATE INDEX audit_record_operation ON audit_record (tenant, operation, at);
DROP INDEX audit_record_item;
CREATE INDEX audit_record_item ON audit_record (tenant, site, item, at) WHERE site IS NOT NULL;

-- How far a chain had come at a moment; `signed` is a JWS over that, and the truth.
CREATE TABLE audit_checkpoint (
    chain TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    signed TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (chain, number)
);

-- Append-only.
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'the audit is append-only';
END
$body$;
CREATE TRIGGER audit_record_stays BEFORE UPDATE OR DELETE ON audit_record
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_record_all_stay BEFORE TRUNCATE ON audit_record
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_checkpoint_stays BEFORE UPDATE OR DELETE ON audit_checkpoint
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_checkpoint_all_stay BEFORE TRUNCATE ON audit_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
