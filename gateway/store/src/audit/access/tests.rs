use super::*;
use crate::model::Actor;

fn tenant() -> TenantId {
    TenantId::parse("contoso").unwrap()
}

fn event(operation: &str, decision: &'static str, who: &str) -> AuditEvent {
    let id = who.to_owned();
    AuditEvent {
        decision,
        ..AuditEvent::of(operation, Actor { id, client: None })
    }
}

fn settings(allowed_access: AllowedAccess) -> AuditSettings {
    AuditSettings {
        allowed_access,
        ..AuditSettings::default()
    }
}

fn all(waiting: &Waiting) -> Vec<Told> {
    let mut all = Vec::new();
    loop {
        let some = waiting.rest(100);
        if some.is_empty() {
            return all;
        }
        all.extend(some);
    }
}

fn sum(told: &[Told]) -> u64 {
    told.iter().map(|told| told.event.count).sum()
}

#[test]
fn a_full_queue_counts_and_drops_nothing() {
    let waiting = Waiting::new(1);
    let many = QUEUED * 3 + 5;
    for number in 0..many {
        let who = format!("p{number}@fabrikam.com");
        waiting.take(&tenant(), UnixTime(7), event("FileAccessed", "deny", &who));
        waiting.take(
            &tenant(),
            UnixTime(7),
            event("FileDownloaded", "allow", &who),
        );
    }
    {
        let state = waiting.lock();
        assert_eq!(state.queue.len(), QUEUED);
    }
    let written = all(&waiting);
    let (refused, allowed): (Vec<Told>, Vec<Told>) = written
        .into_iter()
        .partition(|told| told.event.decision == "deny");
    assert_eq!(sum(&refused), u64::try_from(many).unwrap());
    assert_eq!(sum(&allowed), u64::try_from(many).unwrap());
    assert!(refused.len() + allowed.len() < QUEUED + 4_096 + 10);
}

#[test]
fn reading_may_be_left_out_and_nothing_else() {
    let waiting = Waiting::new(1);
    waiting.configure(&settings(AllowedAccess::None));
    for (operation, decision) in [
        ("FileAccessed", "allow"),
        ("FileDownloaded", "allow"),
        ("FileAccessed", "deny"),
        ("FileDownloaded", "challenge"),
        ("FileModified", "allow"),
        ("FileDeleted", "allow"),
        ("AnonymousLinkUsed", "allow"),
    ] {
        waiting.take(
            &tenant(),
            UnixTime(7),
            event(operation, decision, "bo@fabrikam.com"),
        );
    }
    let written = all(&waiting);
    let written: Vec<_> = written
        .iter()
        .map(|told| (told.event.operation.as_str(), told.event.decision))
        .collect();
    assert_eq!(
        written,
        [
            ("FileAccessed", "deny"),
            ("FileDownloaded", "challenge"),
            ("FileModified", "allow"),
            ("FileDeleted", "allow"),
            ("AnonymousLinkUsed", "allow"),
        ]
    );
}

#[test]
fn a_sample_is_about_as_large_as_was_asked_for_and_says_so() {
    let waiting = Waiting::new(0x1234_5678_9abc_def0);
    waiting.configure(&settings(AllowedAccess::OneIn(
        NonZeroU64::new(10).unwrap(),
    )));
    for _ in 0..10_000 {
        waiting.take(
            &tenant(),
            UnixTime(7),
            event("FileDownloaded", "allow", "bo@fabrikam.com"),
        );
    }
    let written = all(&waiting);
    assert!((800..1_200).contains(&written.len()), "{}", written.len());
    assert!(
        written
            .iter()
            .all(|told| told.event.more["SampledOneIn"] == 10)
    );
}

#[test]
fn counted_refusals_add_up_exactly_however_many_ask_at_once() {
    let waiting = Waiting::new(1);
    let mut written = Vec::new();
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    for at in 0..5_000 {
                        let refused = event("FileAccessed", "deny", "bo@fabrikam.com");
                        waiting.take(&tenant(), UnixTime(at / 10), refused);
                    }
                })
            })
            .collect();
        let mut now = 0;
        while asking.iter().any(|asking| !asking.is_finished()) {
            written.extend(waiting.next(64, UnixTime(now)));
            now += 1;
        }
    });
    written.extend(all(&waiting));
    assert_eq!(sum(&written), 20_000);
}

#[test]
fn counts_that_are_due_are_written_without_another_event() {
    let waiting = Waiting::new(1);
    for _ in 0..30 {
        waiting.take(
            &tenant(),
            UnixTime(0),
            event("FileAccessed", "deny", "bo@fabrikam.com"),
        );
    }
    assert_eq!(waiting.next(100, UnixTime(59)).len(), 10);
    let due = waiting.next(100, UnixTime(60));
    assert_eq!((due.len(), sum(&due)), (1, 20));
}

#[test]
fn new_settings_lose_nothing_that_was_counted() {
    let waiting = Waiting::new(1);
    for _ in 0..30 {
        waiting.take(
            &tenant(),
            UnixTime(0),
            event("FileAccessed", "deny", "bo@fabrikam.com"),
        );
    }
    waiting.configure(&settings(AllowedAccess::All));
    assert_eq!(waiting.unwritten(), 30);
}

#[test]
fn a_minute_that_has_begun_ends_as_it_began_whatever_is_configured() {
    let waiting = Waiting::new(1);
    let refuse = |times: usize, at: i64| {
        for _ in 0..times {
            waiting.take(
                &tenant(),
                UnixTime(at),
                event("FileAccessed", "deny", "bo@fabrikam.com"),
            );
        }
    };
    refuse(15, 0);
    waiting.configure(&AuditSettings {
        denials_per_minute: 2,
        ..AuditSettings::default()
    });
    refuse(15, 1);
    let written = waiting.next(100, UnixTime(60));
    assert_eq!((written.len(), sum(&written)), (11, 30));
    refuse(15, 61);
    assert_eq!(waiting.rest(100).len(), 3);
}
