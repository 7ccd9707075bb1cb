//! The query: one, and by indexes.

use gateway_core::id::TenantId;

use super::*;

fn wanted() -> Wanted {
    let address = |text| EmailAddress::parse(text).unwrap();
    let site = SiteId::parse("projects").unwrap();
    let item = ItemPath::parse("/sites/projects/Shared/Plan.docx").unwrap();
    Wanted {
        identity: Some(IdentityKey {
            cloud: None,
            provider: gateway_core::id::ProviderId::parse("idp").unwrap(),
            issuer: "https://idp.example".to_owned(),
            tenant: Some("fabrikam".to_owned()),
            subject: "ada".to_owned(),
        }),
        addresses: vec![address("ada@fabrikam.example"), address("a@b.example")],
        groups: vec![GroupId::parse("team").unwrap()],
        items: vec![(site.clone(), item.clone()), (site, item)],
        links: vec![LinkId::parse("plan").unwrap()],
        token: Some([7; 32]),
        everything_granted: true,
        ..Wanted::of(TenantId::parse("contoso").unwrap())
    }
}

#[tokio::test]
async fn every_table_is_searched_by_an_index() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("store.sqlite"), UnixTime(0))
        .await
        .unwrap();
    let also = [EmailAddress::parse("eve@b.example").unwrap()].into();
    let query = Query::of(&wanted(), &also, store.kind);
    let explained = Query {
        sql: format!("EXPLAIN QUERY PLAN {}", query.sql),
        bound: query.bound,
    };
    let rows = explained.fetch(&store).await.unwrap();
    let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
    // `t` and `p` are tables, all else is what was found before.
    let of_tables = plan.iter().filter(|line| {
        let mut words = line.split(' ').skip(1);
        matches!(words.next(), Some("t" | "p"))
    });
    let of_tables: Vec<&String> = of_tables.collect();
    assert!(of_tables.len() > 10, "{plan:#?}");
    for line in of_tables {
        let whole = line.starts_with("SCAN") || line.ends_with("(tenant=?)");
        assert!(!whole, "{line}: {plan:#?}");
    }
    let granted = "permission_recipient (tenant=? AND recipient=? AND site=? AND item_key=?)";
    assert!(plan.iter().any(|line| line.contains(granted)), "{plan:#?}");
}

#[tokio::test]
async fn who_is_in_very_many_groups_is_looked_for_all_the_same() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("store.sqlite"), UnixTime(0))
        .await
        .unwrap();
    for group in ["g-00000", "g-04999", "other"] {
        let sql = format!(
            "INSERT INTO permission (tenant, id, site, item, item_key, recipient, role, created_by, manager, created,
                 shared_with_integration, version)
             VALUES ('contoso', '{group}', 'projects', '/sites/projects/Shared', '/sites/projects/shared', 'group:{group}',
                 'read', 'mia@contoso.example', 'sharing', 0, 0, 1)"
        );
        store.execute(sql).await;
    }
    let groups = (0..5_000).map(|number| GroupId::parse(&format!("g-{number:05}")).unwrap());
    let wanted = Wanted {
        groups: groups.collect(),
        ..wanted()
    };
    let looked = store.look_for(&wanted, &BTreeSet::new()).await.unwrap();
    let mut found: Vec<&str> = looked
        .permissions
        .iter()
        .map(|one| one.id.as_str())
        .collect();
    found.sort_unstable();
    found.dedup();
    assert_eq!(found, ["g-00000", "g-04999"]);
}

/// As many rows as make an index worth while, of several tenants, and the statistics of them.
const FILL: &str = "
    INSERT INTO directory_user (tenant, id, address, user_type, origin, manager, account_enabled, created, state_changed,
            expires, administers, mfa_registered, profile, version)
        SELECT 'contoso', 'guest-' || n, 'guest-' || n || '@b.example', 'guest', 'share', 'directory', 1, 0, 0, '{}', '[]',
            0, '{}', 1
        FROM generate_series(1, 20000) AS n;
    INSERT INTO redemption (tenant, address, guest, provider, issuer, provider_tenant, subject, consented_at)
        SELECT 'contoso', 'guest-' || n || '@b.example', 'guest-' || n, 'idp', 'https://idp.example', 'fabrikam', n::TEXT, 0
        FROM generate_series(1, 20000) AS n;
    INSERT INTO permission (tenant, id, site, item, item_key, recipient, role, created_by, manager, created,
            shared_with_integration, version)
        SELECT 'contoso', n::TEXT, 'projects', path || n % 30000, path || n % 30000,
            CASE WHEN n % 100 = 0 THEN 'group:' || n % 700 ELSE 'address:guest-' || n % 20000 || '@b.example' END,
            'read', 'mia@contoso.example', 'directory', 0, 1, 1
        FROM generate_series(1, 100000) AS n, (SELECT '/sites/projects/shared/plan-' AS path) AS of_path;
    INSERT INTO link (tenant, id, token, site, item, item_key, kind, scope, created_by, creator_may_share, manager,
            created, shared_with_integration, version)
        SELECT 'contoso', 'link-' || n, sha256(n::TEXT::BYTEA), 'projects', path || n, path || n, 'view', 'users',
            'mia@contoso.example', 1, 'sharing', 0, 1, 1
        FROM generate_series(1, 20000) AS n, (SELECT '/sites/projects/shared/plan-' AS path) AS of_path;
    INSERT INTO link_person (tenant, link, address)
        SELECT 'contoso', 'link-' || n, 'guest-' || (n * 7) % 20000 || '@b.example' FROM generate_series(1, 20000) AS n;
    ANALYZE";

/// Every node of a plan that reads a table.
fn of_tables<'a>(plan: &'a serde_json::Value, found: &mut Vec<&'a serde_json::Value>) {
    match plan {
        serde_json::Value::Array(plans) => plans.iter().for_each(|plan| of_tables(plan, found)),
        serde_json::Value::Object(node) => {
            // The part of a bitmap that has the condition names the index alone.
            if node.contains_key("Relation Name") || node.contains_key("Index Name") {
                found.push(plan);
            }
            node.values().for_each(|inner| of_tables(inner, found));
        }
        _ => {}
    }
}

#[tokio::test]
async fn every_table_of_a_server_is_searched_by_an_index() {
    use sqlx::postgres::PgConnection;
    use sqlx::{AssertSqlSafe, Connection, Executor, ValueRef};
    let Some(server) = postgres_server::Server::shared() else {
        return;
    };
    let url = server.database().unwrap();
    let location = crate::Location::Postgres(url.clone());
    let store = Store::open_at(&location, UnixTime(0)).await.unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    connection.execute(FILL).await.unwrap();
    let also = [EmailAddress::parse("guest-3@b.example").unwrap()].into();
    let groups = |count: u32| (0..count).map(|n| GroupId::parse(&n.to_string()).unwrap());
    let alike = [
        wanted(),
        Wanted {
            everything_granted: false,
            ..wanted()
        },
        Wanted {
            identity: None,
            token: None,
            groups: groups(900).collect(),
            ..wanted()
        },
        Wanted {
            groups: groups(5_000).collect(),
            ..wanted()
        },
        Wanted {
            items: Vec::new(),
            links: Vec::new(),
            ..wanted()
        },
    ];
    for (number, wanted) in alike.iter().enumerate() {
        let query = Query::of(wanted, &also, store.kind);
        let bound: Vec<String> = query
            .bound
            .iter()
            .map(|bound| match bound {
                query::Bound::Text(text) => format!("'{text}'"),
                query::Bound::Bytes(bytes) => format!("'\\x{}'", crate::store::keys::hex(bytes)),
            })
            .collect();
        let types: Vec<&str> = query
            .bound
            .iter()
            .map(|bound| match bound {
                query::Bound::Text(_) => "TEXT",
                query::Bound::Bytes(_) => "BYTEA",
            })
            .collect();
        // One for these values, and the one that serves for all.
        for mode in ["force_custom_plan", "force_generic_plan"] {
            let prepare = format!(
                "SET plan_cache_mode = {mode};
                 PREPARE look_{mode}_{number} ({}) AS {}",
                types.join(", "),
                query.sql
            );
            connection.execute(AssertSqlSafe(prepare)).await.unwrap();
            let explain = format!(
                "EXPLAIN (FORMAT JSON) EXECUTE look_{mode}_{number} ({})",
                bound.join(", ")
            );
            let row = connection.fetch_one(AssertSqlSafe(explain)).await.unwrap();
            let plan = row.try_get_raw(0).unwrap();
            assert!(!plan.is_null());
            let plan: serde_json::Value = serde_json::from_str(plan.as_str().unwrap()).unwrap();
            let mut nodes = Vec::new();
            of_tables(&plan, &mut nodes);
            assert!(nodes.len() > 8, "{plan:#}");
            for node in nodes {
                let says = |what: &str| node[what].as_str().unwrap_or_default().to_owned();
                let by = says("Node Type");
                if by == "Bitmap Heap Scan" {
                    continue;
                }
                // Everything of a tenant is as good as everything.
                let condition = says("Index Cond");
                assert!(
                    by.contains("Index") && condition.contains(" AND "),
                    "{number} {mode}: {by} of `{}` by `{condition}`",
                    says("Relation Name")
                );
            }
        }
    }
}
