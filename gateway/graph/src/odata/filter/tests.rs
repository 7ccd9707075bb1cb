use proptest::prelude::*;
use serde_json::json;

use super::Filter;

const PROPERTIES: &[&str] = &[
    "accountEnabled",
    "createdDateTime",
    "creationType",
    "displayName",
    "externalUserState",
    "id",
    "identities",
    "mail",
    "otherMails",
    "userType",
];

fn check(filter: &str, want: Result<bool, ()>) {
    let item = json!({
        "id": "aaaaaaaa-0000-4000-8000-000000000001",
        "accountEnabled": true,
        "createdDateTime": "2026-02-01T00:00:00Z",
        "creationType": "Invitation",
        "displayName": "Ada O'Neil",
        "externalUserState": "PendingAcceptance",
        "identities": [{ "issuer": "mail", "issuerAssignedId": "ada@fabrikam.example" }],
        "mail": "Ada@Fabrikam.example",
        "otherMails": ["a@b.example", "ada@fabrikam.example"],
        "userType": "Guest",
    });
    let got = Filter::parse(filter, PROPERTIES).map(|filter| filter.holds(&item));
    assert_eq!(got.map_err(|_| ()), want, "{filter}");
}

#[test]
fn filters_that_clients_use_for_guests() {
    for holds in [
        "userType eq 'Guest'",
        "userType eq 'guest'",
        "userType eq 'Guest' and externalUserState eq 'PendingAcceptance'",
        "mail eq 'ada@fabrikam.example'",
        "otherMails/any(m:m eq 'ADA@fabrikam.example')",
        "startswith(displayName,'A')",
        "startsWith(displayName, 'ada o''n')",
        "endswith(mail,'@fabrikam.example')",
        "creationType eq 'Invitation'",
        "createdDateTime ge 2026-01-01T00:00:00Z",
        "createdDateTime lt 2026-02-01T01:00:00+00:30",
        "id in ('x','aaaaaaaa-0000-4000-8000-000000000001')",
        "id eq aaaaaaaa-0000-4000-8000-000000000001",
        "accountEnabled",
        "accountEnabled eq true",
        "not (accountEnabled eq false)",
        "not accountEnabled or userType ne 'Member'",
        "identities/any(c:c/issuerAssignedId eq 'ada@fabrikam.example' and c/issuer eq 'mail')",
        "contains(displayName,'neil') eq true",
        "displayName ne null",
        "  (( userType eq 'Guest' ))  ",
    ] {
        check(holds, Ok(true));
    }
    for fails in [
        "userType eq 'Member'",
        "mail eq null",
        "otherMails/any(m:m eq 'x')",
        "createdDateTime gt 2026-02-01T00:00:00Z",
        "displayName eq 5",
        "displayName gt null",
        "identities/any(c:c/issuer eq 'google.com')",
        "userType eq 'Member' or accountEnabled eq false and id ne 'x'",
    ] {
        check(fails, Ok(false));
    }
}

#[test]
fn hostile_filters_are_refused() {
    let deep = format!("{}accountEnabled{}", "(".repeat(30), ")".repeat(30));
    let nots = format!("{}accountEnabled", "not ".repeat(30));
    let many = vec!["accountEnabled"; 300].join(" or ");
    let list = format!("id in ({})", vec!["'x'"; 500].join(","));
    let anys = format!(
        "{}a eq 'x'{}",
        "otherMails/any(a:".repeat(50),
        ")".repeat(50)
    );
    let long = format!("mail eq '{}'", "x".repeat(5_000));
    for bad in [
        deep.as_str(),
        &nots,
        &many,
        &list,
        &anys,
        &long,
        "",
        "(",
        ")",
        "'",
        "mail",
        "mail eq",
        "mail eq 'x",
        "mail eq x",
        "mail like 'x'",
        "eq",
        "password eq 'x'",
        "mail eq 'x' garbage",
        "drop(mail,'x')",
        "startswith(mail)",
        "mail eq 'x'; drop table users",
        "mail eq 1e999",
        "mail/../x eq 'y'",
        "$filter",
        "otherMails/any(m eq 'x')",
        "otherMails/all(m:m eq 'x')",
        "mail eq \u{0}",
    ] {
        // A bare property is a flag; `mail` is none but may be asked for as one.
        if bad == "mail" {
            check(bad, Ok(false));
        } else {
            check(bad, Err(()));
        }
    }
}

#[test]
fn a_variable_is_known_only_inside_its_any() {
    check("otherMails/any(m:m eq 'x') or m eq 'x'", Err(()));
}

#[test]
fn what_a_filter_demands_is_looked_up() {
    let demands = |text: &str| {
        let filter = Filter::parse(text, PROPERTIES).unwrap();
        filter
            .demands("mail")
            .map(|all| all.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    assert_eq!(demands("mail eq 'x'"), Some(vec!["x".to_owned()]));
    assert_eq!(
        demands("accountEnabled and mail in ('x','y')")
            .unwrap()
            .len(),
        2
    );
    assert_eq!(demands("mail eq 'x' or accountEnabled"), None);
    assert_eq!(demands("not (mail eq 'x')"), None);
    assert_eq!(demands("mail in ('x',null)"), None);
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic_or_take_long(text in any::<String>()) {
        let _ = Filter::parse(&text, PROPERTIES);
    }

    #[test]
    fn no_words_make_the_parser_panic_or_take_long(
        words in proptest::collection::vec(
            prop::sample::select(vec![
                "mail", "otherMails/any", "(", ")", ",", ":", "m", "eq", "ne", "in", "and", "or",
                "not", "'x'", "null", "true", "1", "startswith", "2026-01-01T00:00:00Z",
            ]),
            0..400,
        )
    ) {
        let text = words.join(" ");
        if let Ok(filter) = Filter::parse(&text, PROPERTIES) {
            filter.holds(&json!({ "mail": "x", "otherMails": ["x", "y"] }));
        }
    }
}
