-- What is found by which index is decided by how many rows an index is thought to leave. Without statistics all of a
-- tenant is thought to be ten rows; these are of ten large tenants. Nobody has to analyse the file to be served fast.

ANALYZE sqlite_schema;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('directory_user', 'directory_user', '1000000 100000 1'),
    ('directory_user', 'directory_user_address', '1000000 100000 1'),
    ('directory_user', 'directory_user_deleted', '1000 100 1'),
    ('directory_user', 'directory_user_gone', '1000 100 1'),
    ('redemption', 'redemption', '1000000 100000 1'),
    ('redemption', 'redemption_identity', '1000000 100000 50000 50000 40000 20000 1'),
    ('invitation', 'invitation', '1000000 100000 1'),
    ('invitation', 'invitation_guest', '1000000 100000 2 1'),
    ('permission', 'permission', '10000000 1000000 1'),
    ('permission', 'permission_recipient', '10000000 1000000 1000 500 1'),
    ('permission', 'permission_item', '10000000 1000000 100000 1000'),
    ('permission', 'permission_link', '100000 10000 5'),
    ('link', 'link', '1000000 100000 1'),
    ('link', 'link_token', '1000000 100000 1'),
    ('link', 'link_item', '1000000 100000 1000 2'),
    ('link_person', 'link_person', '1000000 100000 5 1'),
    ('link_person', 'link_person_address', '1000000 100000 5 1'),
    ('audit_record', 'audit_record', '10000000 1000000 1'),
    ('audit_record', 'audit_record_at', '10000000 1000000 10'),
    ('audit_record', 'audit_record_person', '10000000 1000000 10 1'),
    ('audit_record', 'audit_record_link', '1000000 100000 10 1'),
    ('audit_record', 'audit_record_item', '10000000 1000000 10000 10');

ANALYZE sqlite_schema;
