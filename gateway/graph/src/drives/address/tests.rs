use super::*;

fn check(path: &[&str], want: impl Into<Option<Address>>) {
    let want = want.into();
    let segments: Vec<String> = path.iter().map(|segment| (*segment).to_owned()).collect();
    assert_eq!(read(&segments), want, "{path:?}");
}

fn item(place: Place, deed: Deed) -> Option<Address> {
    Some(Address::Item(Owner::Drive("b!x".to_owned()), place, deed))
}

fn path(text: &str) -> Place {
    Place::Path(text.to_owned())
}

#[test]
fn items_are_named_by_root_by_id_and_by_path() {
    check(&["drives", "b!x", "root"], item(Place::Root, Deed::Item));
    check(
        &["Drives", "b!x", "Root", "Children"],
        item(Place::Root, Deed::Children),
    );
    check(
        &["drives", "b!x", "items", "01A", "content"],
        item(Place::Id("01A".to_owned()), Deed::Content),
    );
    check(
        &["drives", "b!x", "items", "root"],
        item(Place::Root, Deed::Item),
    );
    check(
        &["drives", "b!x", "items", "root", "children"],
        item(Place::Root, Deed::Children),
    );
    check(
        &["drives", "b!x"],
        Some(Address::Drive(Owner::Drive("b!x".to_owned()))),
    );
}

/// The SDK for JavaScript sends what it is given, the one for Python encodes every delimiter into one segment.
#[test]
fn both_spellings_of_the_sdks_are_one_address() {
    let want = || item(path("a b/c.txt"), Deed::Children);
    check(
        &["drives", "b!x", "root:", "a b", "c.txt:", "children"],
        want(),
    );
    check(&["drives", "b!x", "root:/a b/c.txt:", "children"], want());
    check(&["drives", "b!x", "root:/a b/c.txt:/children"], want());
    check(
        &[
            "drives", "b!x", "items", "root:", "a b", "c.txt:", "children",
        ],
        want(),
    );
    check(
        &["drives", "b!x", "items", "root:/a b/c.txt:", "children"],
        want(),
    );
    for spelled in [
        &["root:", "a b", "c.txt"][..],
        &["root:/a b/c.txt"],
        &["root:/a b/c.txt:"],
    ] {
        let all = [&["drives", "b!x"], spelled].concat();
        check(&all, item(path("a b/c.txt"), Deed::Item));
    }
}

#[test]
fn a_new_item_is_named_below_another() {
    let below = |name: &str| Place::Below("01A".to_owned(), name.to_owned());
    check(
        &["drives", "b!x", "items", "01A:", "new.txt:", "content"],
        item(below("new.txt"), Deed::Content),
    );
    check(
        &["drives", "b!x", "items", "01A:/new.txt:", "content"],
        item(below("new.txt"), Deed::Content),
    );
    check(
        &[
            "drives",
            "b!x",
            "items",
            "01A:/d/new.txt:/createUploadSession",
        ],
        item(below("d/new.txt"), Deed::UploadSession),
    );
}

#[test]
fn a_colon_in_a_name_ends_nothing() {
    check(
        &["drives", "b!x", "root:", "a:b.txt:", "content"],
        item(path("a:b.txt"), Deed::Content),
    );
    check(
        &["drives", "b!x", "root:", "a:b.txt"],
        item(path("a:b.txt"), Deed::Item),
    );
    check(
        &["drives", "b!x", "root:", "a:", "b.txt"],
        item(path("a:/b.txt"), Deed::Item),
    );
}

#[test]
fn permissions_and_their_actions() {
    let root = |deed| item(Place::Root, deed);
    let one = || "p1".to_owned();
    check(
        &["drives", "b!x", "root", "permissions"],
        root(Deed::Permissions),
    );
    check(
        &["drives", "b!x", "root", "permissions", "p1"],
        root(Deed::Permission(one())),
    );
    check(
        &["drives", "b!x", "root", "permissions", "p1", "grant"],
        root(Deed::Grant(one())),
    );
    check(
        &["drives", "b!x", "root", "permissions", "p1", "revokeGrants"],
        root(Deed::RevokeGrants(one())),
    );
    check(
        &["drives", "b!x", "root", "createLink"],
        root(Deed::CreateLink),
    );
    check(
        &["drives", "b!x", "root", "microsoft.graph.invite"],
        root(Deed::Invite),
    );
    check(
        &["drives", "b!x", "root", "permissions", "p1", "other"],
        None,
    );
}

#[test]
fn deltas_with_and_without_token() {
    check(
        &["drives", "b!x", "root", "delta"],
        item(Place::Root, Deed::Delta(None)),
    );
    check(
        &["drives", "b!x", "root", "delta()"],
        item(Place::Root, Deed::Delta(None)),
    );
    check(
        &["drives", "b!x", "root", "delta(token='A b')"],
        item(Place::Root, Deed::Delta(Some("A b".to_owned()))),
    );
    check(&["drives", "b!x", "root", "delta(token=A)"], None);
}

#[test]
fn sites_by_root_host_id_and_path() {
    let site = |name| Some(Address::Site(name));
    let id = || SiteName::Id("h,1,2".to_owned());
    let by_path = |path: &str| SiteName::Path("h".to_owned(), path.to_owned());
    check(&["sites"], Some(Address::Sites));
    check(&["sites", "root"], site(SiteName::Root));
    check(&["sites", "h"], site(SiteName::Id("h".to_owned())));
    check(&["sites", "h,1,2"], site(id()));
    check(&["sites", "h:", "sites", "p"], site(by_path("sites/p")));
    check(&["sites", "h:/sites/p"], site(by_path("sites/p")));
    check(&["sites", "h:", "sites", "p:"], site(by_path("sites/p")));
    check(
        &["sites", "h:", "sites", "p:", "drive"],
        Some(Address::Drive(Owner::Site(by_path("sites/p")))),
    );
    check(
        &["sites", "h", "getByPath(path='/sites/p')"],
        site(by_path("/sites/p")),
    );
    check(
        &["sites", "h", "getByPath(path='/sites/o''p')", "drive"],
        Some(Address::Drive(Owner::Site(by_path("/sites/o'p")))),
    );
    check(
        &["sites", "h,1,2", "drives"],
        Some(Address::Drives(Owner::Site(id()))),
    );
    check(
        &["sites", "h,1,2", "drive", "items", "01A", "invite"],
        Some(Address::Item(
            Owner::Site(id()),
            Place::Id("01A".to_owned()),
            Deed::Invite,
        )),
    );
    check(
        &["sites", "h,1,2", "drives", "b!x", "root"],
        item(Place::Root, Deed::Item),
    );
    assert!(matches!(
        read(&["sites".to_owned(), "h".to_owned(), "lists".to_owned()]),
        Some(Address::Missing(_))
    ));
}

#[test]
fn peoples_drives() {
    check(&["me", "drive"], Some(Address::Drive(Owner::Me)));
    check(&["me", "drives"], Some(Address::Drives(Owner::Me)));
    check(
        &["users", "mia@contoso.example", "drive", "root:", "a"],
        Some(Address::Item(
            Owner::User("mia@contoso.example".to_owned()),
            path("a"),
            Deed::Item,
        )),
    );
    check(&["users", "mia@contoso.example"], None);
    check(&["me"], None);
}

#[test]
fn shares_and_what_they_lead_to() {
    let share = |deed| Some(Address::Share("u!t".to_owned(), deed));
    check(&["shares", "u!t"], share(ShareDeed::Share));
    check(&["shares", "u!t", "driveItem"], share(ShareDeed::Item));
    check(&["shares", "u!t", "root"], share(ShareDeed::Item));
    check(
        &["shares", "u!t", "driveItem", "children"],
        share(ShareDeed::Children),
    );
    check(
        &["shares", "u!t", "driveItem", "content"],
        share(ShareDeed::Content),
    );
    check(&["shares", "u!t", "site"], share(ShareDeed::Site));
    check(
        &["shares", "u!t", "permission"],
        share(ShareDeed::Permission),
    );
    check(
        &["shares", "u!t", "permission", "grant"],
        share(ShareDeed::Grant),
    );
    check(&["shares", "u!t", "other"], None);
    check(&["shares"], None);
}
