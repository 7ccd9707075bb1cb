//! "Did you mean …": the nearest of the names that would have been right.

/// The name among `known` that `given` was probably meant to be.
#[must_use]
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (given.chars().count() / 3).clamp(1, 4);
    known
        .into_iter()
        .map(|name| (distance(&folded(given), &folded(name)), name))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, name)| name)
}

/// Case, hyphens and underscores are the commonest slips: they count for nothing.
fn folded(name: &str) -> Vec<char> {
    name.chars()
        .filter(|c| *c != '_' && *c != '-')
        .flat_map(char::to_lowercase)
        .collect()
}

/// Levenshtein's edit distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (to, above) in b.iter().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(from != to))
                .min(left + 1)
                .min(above + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &str, want: Option<&str>) {
        let known = ["hosts", "SharingCapability", "member_domains", "id"];
        assert_eq!(nearest(given, known), want, "{given}");
    }

    #[test]
    fn slips_are_recognised_and_other_words_are_not() {
        check("host", Some("hosts"));
        check("hotss", None);
        check("sharing_capability", Some("SharingCapability"));
        check("SharingCapabilty", Some("SharingCapability"));
        check("member-domain", Some("member_domains"));
        check("upstream", None);
        check("", None);
    }
}
