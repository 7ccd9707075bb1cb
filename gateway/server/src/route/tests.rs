use http::Request;
use proptest::prelude::*;

use super::*;
use crate::tests::support::{HOST, configuration_of_tests, nest};

fn resolve_head(request: http::request::Builder) -> Result<Resolved, Refused> {
    let (mut head, ()) = request.header("host", HOST).body(()).unwrap().into_parts();
    resolve(&Table::new(&configuration_of_tests()), &mut head)
}

fn asked(method: &str, path: &str, headers: &[(&str, &str)]) -> Vec<String> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    listed(resolve_head(request).unwrap().route)
}

fn listed(route: Route) -> Vec<String> {
    match route {
        Route::Resource(resource) => resource
            .questions
            .iter()
            .map(|question| {
                format!(
                    "{} {} {}",
                    question.action.name(),
                    question.target.site,
                    question.target.path
                )
            })
            .collect(),
        other => vec![format!("{other:?}")],
    }
}

#[test]
fn a_request_asks_for_all_it_may_do() {
    assert_eq!(
        asked("GET", "/sites/projects/a", &[]),
        ["download projects /sites/projects/a"]
    );
    let destination = [("destination", "/sites/mapped/b")];
    assert_eq!(
        asked("MOVE", "/sites/projects/a", &destination),
        [
            "delete projects /sites/projects/a",
            "edit mapped /sites/mapped/b",
            "download projects /sites/projects/a"
        ]
    );
    let moved = [
        ("destination", "/sites/mapped/b"),
        ("x-http-method", "MOVE"),
    ];
    assert_eq!(
        asked("POST", "/sites/projects/a", &moved),
        [
            "delete projects /sites/projects/a",
            "edit mapped /sites/mapped/b",
            "download projects /sites/projects/a",
            "edit projects /sites/projects/a"
        ]
    );
    assert_eq!(
        asked("COPY", "/sites/projects/a", &moved),
        [
            "delete projects /sites/projects/a",
            "edit mapped /sites/mapped/b",
            "download projects /sites/projects/a"
        ]
    );
}

/// The questions of a request where site `secret` lies in a folder of site `projects`.
fn asked_of_nested(method: &str, path: &str, destination: Option<&str>) -> Vec<String> {
    let mut configuration = configuration_of_tests();
    nest(&mut configuration);
    let mut request = Request::builder().method(method).uri(path);
    if let Some(destination) = destination {
        request = request.header("destination", destination);
    }
    let request = request.header("host", HOST);
    let (mut head, ()) = request.body(()).unwrap().into_parts();
    listed(
        resolve(&Table::new(&configuration), &mut head)
            .unwrap()
            .route,
    )
}

#[test]
fn a_request_asks_for_the_sites_below_after_its_destination() {
    let inner = "/sites/projects/write/inner";
    assert_eq!(
        asked_of_nested("MOVE", inner, Some("/sites/projects/b")),
        [
            "delete projects /sites/projects/write/inner",
            "edit projects /sites/projects/b",
            "download projects /sites/projects/write/inner",
            "delete secret /sites/projects/write/inner/secret",
            "download secret /sites/projects/write/inner/secret",
        ]
    );
    assert_eq!(
        asked_of_nested("COPY", "/sites/projects/b", Some("/sites/projects/WRITE/")),
        [
            "download projects /sites/projects/b",
            "edit projects /sites/projects/WRITE/",
            "edit secret /sites/projects/write/inner/secret",
        ]
    );
    let secret = "/sites/projects/write/inner/secret";
    assert_eq!(
        asked_of_nested("DELETE", secret, None),
        [format!("delete secret {secret}")]
    );
    assert_eq!(
        asked_of_nested("DELETE", "/sites/projects/write/inn", None),
        ["delete projects /sites/projects/write/inn"]
    );
}

#[test]
fn whole_segments_lead_to_a_site() {
    assert_eq!(
        asked("GET", "/sites/projects", &[]),
        ["download projects /sites/projects"]
    );
    assert_eq!(asked("GET", "/sites/projectsx", &[]), ["NotFound"]);
    assert_eq!(asked("GET", "/Sites/projects/a", &[]), ["NotFound"]);
    assert_eq!(asked("GET", "/", &[]), ["NotFound"]);
}

#[test]
fn sec_175_a_transfer_stays_with_one_upstream() {
    let mut configuration = configuration_of_tests();
    for tenant in configuration.tenants.values_mut() {
        for site in tenant
            .sites
            .values_mut()
            .filter(|site| site.id.as_str() == "mapped")
        {
            site.upstream.origin = "http://elsewhere.example".parse().unwrap();
        }
    }
    let request = Request::builder()
        .method("MOVE")
        .uri("/sites/projects/a")
        .header("host", HOST);
    let (mut head, ()) = request
        .header("destination", "/sites/mapped/b")
        .body(())
        .unwrap()
        .into_parts();
    let got = resolve(&Table::new(&configuration), &mut head);
    assert_eq!(
        got,
        Err(Refused::Destination(DestinationRefused::Elsewhere))
    );
}

#[test]
fn a_query_is_visible_ascii() {
    let query = |raw: &str| checked_query(raw).is_ok();
    assert!(query("x=1&y=%2F/?:@&&=;"));
    assert!(query(""));
    for bad in ["a b", "a\u{e9}", "a\\b", "a#b", "a\tb"] {
        assert!(!query(bad), "{bad}");
    }
}

proptest! {
    /// What is decided on for a path is decided on for the path as it is forwarded, and nothing else.
    #[test]
    fn sec_025_sec_027_the_forwarded_path_is_the_decided_one(raw in "/sites/(projects|mapped)[a-z/%2eE.;_]{0,20}") {
        let of = |path: &str| Request::builder().uri(path).body(()).ok().and_then(|_| {
            resolve_head(Request::builder().uri(path)).ok()
        });
        if let Some(Route::Resource(resource)) = of(&raw).map(|resolved| resolved.route) {
            let forwarded = resource.questions[0].target.path.encoded();
            let again = of(&forwarded).map(|resolved| resolved.route);
            prop_assert_eq!(again, Some(Route::Resource(resource)));
        }
    }

    /// No request crashes, and none is understood in spite of a strange byte.
    #[test]
    fn sec_191_any_target_is_read_or_refused(raw in "/[ -~]{0,40}") {
        if Request::builder().uri(&*raw).body(()).is_ok() {
            let _read = resolve_head(Request::builder().uri(&*raw));
        }
    }
}
