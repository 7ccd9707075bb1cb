//! When something was last changed, for whoever keeps a copy of it.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use gateway_core::id::TenantId;

/// So many subjects are remembered one by one. Beyond, everything older than now counts as changed.
const REMEMBERED: usize = 100_000;

/// The last change of each subject, by its number in the order of all changes.
#[derive(Debug, Default)]
pub(super) struct Touched {
    seed: RandomState,
    subjects: HashMap<u64, i64>,
    tenants: HashMap<TenantId, i64>,
    /// Whatever was read before this counts as changed.
    floor: i64,
}

/// What something rests on. Two that fall on one number change together, which does no harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Subject(u64);

impl Touched {
    /// Its number.
    pub(super) fn subject(&self, tenant: &TenantId, kind: &str, key: &str) -> Subject {
        Subject(self.seed.hash_one((tenant.as_str(), kind, key)))
    }

    /// `subject` was changed by the change with that number.
    pub(super) fn mark(&mut self, subject: Subject, sequence: i64) {
        if self.subjects.len() >= REMEMBERED && !self.subjects.contains_key(&subject.0) {
            self.everything(sequence);
        }
        self.subjects.insert(subject.0, sequence);
    }

    /// Everything of the tenant was changed.
    pub(super) fn whole(&mut self, tenant: &TenantId, sequence: i64) {
        self.tenants.insert(tenant.clone(), sequence);
    }

    /// Everything was changed, as far as anybody knows.
    pub(super) fn everything(&mut self, sequence: i64) {
        self.subjects.clear();
        self.tenants.clear();
        self.floor = sequence;
    }

    /// Whether none of it was changed since the change with the number `since`.
    pub(super) fn unchanged(&self, tenant: &TenantId, subjects: &[Subject], since: i64) -> bool {
        let last = |found: Option<&i64>| found.is_none_or(|last| *last <= since);
        self.floor <= since
            && last(self.tenants.get(tenant))
            && subjects
                .iter()
                .all(|subject| last(self.subjects.get(&subject.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(name: &str) -> TenantId {
        TenantId::parse(name).unwrap()
    }

    #[test]
    fn what_was_read_before_a_change_of_it_does_not_count() {
        let contoso = tenant("contoso");
        let mut touched = Touched::default();
        let ada = touched.subject(&contoso, "recipient", "address:ada@fabrikam.example");
        let eve = touched.subject(&contoso, "recipient", "address:eve@fabrikam.example");
        touched.mark(ada, 5);
        assert!(!touched.unchanged(&contoso, &[eve, ada], 4));
        assert!(touched.unchanged(&contoso, &[eve, ada], 5));
        assert!(touched.unchanged(&contoso, &[eve], 4));
        touched.whole(&tenant("woodgrove"), 7);
        assert!(touched.unchanged(&contoso, &[eve, ada], 5));
        touched.whole(&contoso, 8);
        assert!(!touched.unchanged(&contoso, &[eve], 7));
        assert!(touched.unchanged(&contoso, &[eve], 8));
    }

    #[test]
    fn who_remembers_no_more_takes_everything_for_changed() {
        let contoso = tenant("contoso");
        let mut touched = Touched::default();
        let first = touched.subject(&contoso, "link", "first");
        let never = touched.subject(&contoso, "link", "never");
        touched.mark(first, 1);
        for number in 0..REMEMBERED {
            let subject = touched.subject(&contoso, "recipient", &number.to_string());
            touched.mark(subject, 2);
        }
        assert!(!touched.unchanged(&contoso, &[first], 1));
        assert!(!touched.unchanged(&contoso, &[never], 1));
        assert!(touched.unchanged(&contoso, &[first, never], 2));
        assert!(touched.subjects.len() <= REMEMBERED);
    }
}
