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
