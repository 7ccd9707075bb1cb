use gateway_core::id::TenantId;
use proptest::prelude::*;

use super::*;
use crate::audit::body::{Place, START, hash, text};
use crate::model::{Actor, AuditEvent};

const CHAIN: &str = "changes/contoso";

fn chain(length: u64) -> Vec<Stored> {
    let tenant = TenantId::parse("contoso").unwrap();
    let mut before = START;
    (1..=length)
        .map(|number| {
            let at = UnixTime(i64::try_from(number / 3).unwrap());
            let mut event = AuditEvent::of(
                "SharingSet",
                Actor {
                    id: format!("person{}@contoso.com", number % 5),
                    client: None,
                },
            );
            event.item = Some(format!("/sites/projects/{}", number % 7));
            let place = Place {
                chain: CHAIN,
                number,
                tenant: &tenant,
                at,
            };
            let body = text(&place, &event);
            before = hash(&before, &body);
            Stored {
                chain: CHAIN.to_owned(),
                number,
                tenant: "contoso".to_owned(),
                at,
                found_by: vec![
                    ("ObjectId", event.item.clone()),
                    ("Operation", Some(event.operation)),
                    ("UniqueSharingId", None),
                ],
                body,
                hash: before,
            }
        })
        .collect()
}

fn faults(records: &[Stored], checkpoints: &[(u64, [u8; 32])]) -> Vec<ChainFault> {
    let mut verifier = Verifier::from_start(CHAIN);
    for (number, hash) in checkpoints {
        verifier.expect(*number, *hash);
    }
    for record in records {
        verifier.feed(record);
    }
    verifier.finish()
}

fn altered(number: u64) -> ChainFault {
    ChainFault::Altered {
        chain: CHAIN.to_owned(),
        number,
    }
}

fn missing(number: u64) -> ChainFault {
    ChainFault::Missing {
        chain: CHAIN.to_owned(),
        number,
    }
}

fn reordered(number: u64) -> ChainFault {
    ChainFault::Reordered {
        chain: CHAIN.to_owned(),
        number,
    }
}

/// Writes the hashes anew from the record at `from` on, as somebody would who covers a forgery up.
fn covered_up(records: &mut [Stored], from: usize) {
    for index in from..records.len() {
        let before = index
            .checked_sub(1)
            .map_or(START, |before| records[before].hash);
        records[index].hash = hash(&before, &records[index].body);
    }
}

proptest! {
    #[test]
    fn a_whole_chain_has_no_fault(length in 0_u64..40) {
        let records = chain(length);
        let checkpoints: Vec<_> = records.iter().map(|record| (record.number, record.hash)).collect();
        prop_assert_eq!(faults(&records, &checkpoints), []);
    }

    #[test]
    fn one_altered_byte_is_found_and_named(length in 1_u64..40, which: prop::sample::Index, at: prop::sample::Index, by in 1_u8..128) {
        let mut records = chain(length);
        let record = &mut records[which.index(usize::try_from(length).unwrap())];
        let number = record.number;
        let mut bytes = std::mem::take(&mut record.body).into_bytes();
        let byte = at.index(bytes.len());
        bytes[byte] = (bytes[byte] ^ by) & 0x7f;
        record.body = String::from_utf8(bytes).unwrap();
        let found = faults(&records, &[]);
        // A text that names another place than its own looks as if it belonged there.
        prop_assert!(found == [altered(number)] || found == [reordered(number)], "{:?}", found);
        if found == [reordered(number)] {
            let body: Option<Value> = serde_json::from_str(&record_body(&records, number)).ok();
            let place = body.as_ref().map(|body| (body["Chain"].as_str(), body["Number"].as_u64()));
            prop_assert!(matches!(place, Some((Some(_), Some(_)))));
            prop_assert_ne!(place, Some((Some(CHAIN), Some(number))));
        }
    }

    #[test]
    fn an_altered_hash_or_column_is_found_and_named(length in 1_u64..40, which: prop::sample::Index, byte in 0_usize..32, what in 0_u8..6) {
        let mut records = chain(length);
        let record = &mut records[which.index(usize::try_from(length).unwrap())];
        let number = record.number;
        match what {
            0 => record.hash[byte] ^= 1,
            1 => record.tenant = "fabrikam".to_owned(),
            2 => record.at = UnixTime(99),
            3 => record.found_by[0].1 = None,
            4 => record.found_by[1].1 = Some("SharingRevoked".to_owned()),
            _ => record.found_by[2].1 = Some("l1".to_owned()),
        }
        prop_assert_eq!(faults(&records, &[]), [altered(number)]);
    }

    #[test]
    fn a_removed_record_is_found_and_named(length in 1_u64..40, which: prop::sample::Index) {
        let mut records = chain(length);
        let head = records.last().map(|last| (last.number, last.hash)).unwrap();
        let gone = records.remove(which.index(usize::try_from(length).unwrap()));
        prop_assert_eq!(faults(&records, &[head]), [missing(gone.number)]);
    }

    #[test]
    fn two_that_changed_places_are_found_and_named(length in 2_u64..40, one: prop::sample::Index, other: prop::sample::Index) {
        let length = usize::try_from(length).unwrap();
        let (one, other) = (one.index(length), other.index(length));
        prop_assume!(one != other);
        let (first, second) = (one.min(other), one.max(other));
        let whole = chain(u64::try_from(length).unwrap());
        let numbers = (whole[first].number, whole[second].number);

        // In the order in which they come.
        let mut records = whole.clone();
        records.swap(first, second);
        let found = faults(&records, &[]);
        prop_assert_eq!(found.first(), Some(&reordered(numbers.0)));
        prop_assert!(found.iter().all(|fault| matches!(fault, ChainFault::Reordered { .. })), "{:?}", found);

        // In the table, each under the other's number.
        let mut records = whole;
        records.swap(first, second);
        records[first].number = numbers.0;
        records[second].number = numbers.1;
        prop_assert_eq!(faults(&records, &[]), [reordered(numbers.0), reordered(numbers.1)]);
    }

    #[test]
    fn a_forgery_that_was_covered_up_is_found_by_the_next_checkpoint(length in 2_u64..40, which: prop::sample::Index) {
        let mut records = chain(length);
        let vouched = records.last().map(|last| (last.number, last.hash)).unwrap();
        let index = which.index(usize::try_from(length).unwrap());
        records[index].body = records[index].body.replace("person", "nobody");
        covered_up(&mut records, index);
        prop_assert_eq!(faults(&records, &[]), []);
        let chain = CHAIN.to_owned();
        prop_assert_eq!(faults(&records, &[vouched]), [ChainFault::Checkpoint { chain, number: length }]);
    }

    #[test]
    fn a_cut_off_end_is_found_by_a_checkpoint(length in 1_u64..40, left: prop::sample::Index) {
        let mut records = chain(length);
        let vouched = records.last().map(|last| (last.number, last.hash)).unwrap();
        let left = left.index(usize::try_from(length).unwrap());
        records.truncate(left);
        prop_assert_eq!(faults(&records, &[vouched]), [missing(u64::try_from(left).unwrap() + 1)]);
    }
}

fn record_body(records: &[Stored], number: u64) -> String {
    let record = records.iter().find(|record| record.number == number);
    record.unwrap().body.clone()
}

#[test]
fn a_check_may_begin_behind_a_checkpoint() {
    let records = chain(10);
    let mut verifier = Verifier::after(CHAIN, 4, records[3].hash);
    records[4..].iter().for_each(|record| verifier.feed(record));
    assert_eq!(verifier.finish(), []);
    let mut verifier = Verifier::after(CHAIN, 4, [9; 32]);
    records[4..].iter().for_each(|record| verifier.feed(record));
    assert_eq!(verifier.finish(), [altered(5)]);
}

#[test]
fn a_record_of_another_chain_is_out_of_place() {
    let mut records = chain(3);
    records[1].body = records[1]
        .body
        .replace("contoso\",\"Count", "fabrikam\",\"Count");
    assert_eq!(faults(&records, &[]), [reordered(2)]);
}

#[test]
fn several_that_are_gone_are_named_by_the_first() {
    let mut records = chain(10);
    records.drain(3..6);
    records.remove(0);
    assert_eq!(faults(&records, &[]), [missing(1), missing(4)]);
}
