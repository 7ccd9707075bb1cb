use gateway_core::id::SiteId;
use proptest::prelude::*;

use super::*;
use crate::model::Actor;

fn told(operation: &str, decision: &'static str, who: &str, item: &str, at: i64) -> Told {
    let client = (who == ANONYMOUS).then(|| "2001:db8::1".to_owned());
    let mut event = AuditEvent::of(
        operation,
        Actor {
            id: who.to_owned(),
            client,
        },
    );
    event.decision = decision;
    event.site = Some(SiteId::parse("projects").unwrap());
    event.item = Some(item.to_owned());
    Told {
        tenant: TenantId::parse("contoso").unwrap(),
        at: UnixTime(at),
        event,
    }
}

/// Feeds all, closes all, and gives what came out as (moment, count).
fn fed(singly: u64, given: Vec<Told>) -> Vec<(i64, u64)> {
    let mut counting = Counting::new(singly);
    let mut written = Vec::new();
    for told in given {
        let now = told.at;
        let taken = counting.take(told, &mut |due| written.push(due));
        written.extend(taken);
        counting.close_due(now, &mut |due| written.push(due));
    }
    counting.close_all(&mut |due| written.push(due));
    written
        .into_iter()
        .map(|told| (told.at.0, told.event.count))
        .collect()
}

fn refused(at: i64) -> Told {
    told("FileAccessed", "deny", "bo@fabrikam.com", "/a", at)
}

fn accessed(at: i64) -> Told {
    told("FileAccessed", "allow", "bo@fabrikam.com", "/a", at)
}

#[test]
fn identical_refusals_over_the_rate_become_one_counted_record() {
    let given = (0..100).map(|_| refused(5)).collect();
    assert_eq!(fed(3, given), [(5, 1), (5, 1), (5, 1), (5, 97)]);
}

#[test]
fn a_window_of_refusals_lasts_a_minute() {
    let given = vec![refused(0), refused(1), refused(59), refused(60)];
    assert_eq!(fed(1, given), [(0, 1), (59, 2), (60, 1)]);
}

#[test]
fn a_refusal_that_is_not_repeated_is_written_as_it_is() {
    assert_eq!(fed(10, vec![refused(0)]), [(0, 1)]);
}

#[test]
fn what_is_accessed_again_within_five_minutes_is_counted() {
    let given = [0, 10, 299, 300].map(accessed).to_vec();
    assert_eq!(fed(10, given), [(0, 1), (299, 2), (300, 1)]);
}

#[test]
fn only_what_microsoft_365_tells_once_is_told_once() {
    for (operation, want) in [
        ("FileAccessed", 2),
        ("FileModified", 2),
        ("PageViewed", 2),
        ("FileDownloaded", 3),
        ("AnonymousLinkUsed", 3),
        ("SecureLinkUsed", 3),
    ] {
        let given = (0..3)
            .map(|at| told(operation, "allow", "bo@fabrikam.com", "/a", at))
            .collect();
        assert_eq!(fed(10, given).len(), want, "{operation}");
    }
}

#[test]
fn what_differs_is_not_counted_together() {
    let base = refused(0);
    let mut differing = vec![base.clone()];
    let mut vary = |change: fn(&mut Told)| {
        let mut other = base.clone();
        change(&mut other);
        differing.push(other);
    };
    vary(|told| told.tenant = TenantId::parse("fabrikam").unwrap());
    vary(|told| told.event.actor.id = "cy@fabrikam.com".to_owned());
    vary(|told| told.event.item = Some("/b".to_owned()));
    vary(|told| told.event.reason = "guest-blocked".to_owned());
    vary(|told| told.event.decision = "challenge");
    vary(|told| told.event.operation = "FileModified".to_owned());
    let want = differing.len();
    let counts = fed(1, differing);
    assert_eq!(counts.len(), want);
    assert!(counts.iter().all(|(_, count)| *count == 1));
}

#[test]
fn strangers_are_counted_by_their_network() {
    let from = |client: &str| {
        let mut told = told("FileAccessed", "deny", ANONYMOUS, "/a", 0);
        told.event.actor.client = Some(client.to_owned());
        told
    };
    let given = vec![
        from("2001:db8::1"),
        from("2001:db8::2"),
        from("2001:db8:0:1::1"),
        from("192.0.2.1"),
        from("192.0.2.2"),
    ];
    assert_eq!(fed(1, given).len(), 5, "four networks, one counted");
    let known = |client: &str| {
        let mut told = refused(0);
        told.event.actor.client = Some(client.to_owned());
        told
    };
    assert_eq!(
        fed(1, vec![known("192.0.2.1"), known("192.0.2.2")]).len(),
        2
    );
    assert_eq!(
        fed(
            1,
            vec![known("192.0.2.1"), known("192.0.2.2"), known("192.0.2.3")]
        ),
        [(0, 1), (0, 2)],
        "who is known is counted wherever they are"
    );
}

#[test]
fn memory_is_bounded_and_nothing_is_lost_by_it() {
    let people = WINDOWS * 2 + 7;
    let mut counting = Counting::new(1);
    let mut sum = 0;
    for number in 0..people {
        for _ in 0..2 {
            let mut due = 0;
            let one = told("FileAccessed", "deny", &format!("p{number}@x.com"), "/a", 0);
            let taken = counting.take(one, &mut |told| due += told.event.count);
            sum += due + taken.map_or(0, |told| told.event.count);
        }
        assert!(counting.windows.len() <= WINDOWS);
    }
    counting.close_all(&mut |told| sum += told.event.count);
    assert_eq!(sum, u64::try_from(people).unwrap() * 2);
}

proptest! {
    #[test]
    fn counts_add_up(
        singly in 1_u64..5,
        given in prop::collection::vec((0..3_usize, 0..3_usize, any::<bool>(), 0..40_i64), 0..300),
    ) {
        let mut at = 0;
        let given: Vec<Told> = given
            .into_iter()
            .map(|(who, item, refused, later)| {
                at += later;
                let who = ["bo@fabrikam.com", "cy@fabrikam.com", ANONYMOUS][who];
                let decision = if refused { "deny" } else { "allow" };
                told("FileAccessed", decision, who, ["/a", "/b", "/c"][item], at)
            })
            .collect();
        let sum: u64 = fed(singly, given.clone()).iter().map(|(_, count)| count).sum();
        prop_assert_eq!(sum, u64::try_from(given.len()).unwrap());
    }
}
