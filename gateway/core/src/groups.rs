//! Groups of the directory, with the groups inside them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::address::EmailAddress;
use crate::id::GroupId;
use crate::index::hash::Keys;
use crate::index::names::{Name, Names};

/// A group as it is declared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// People in it, members and guests.
    pub people: BTreeSet<EmailAddress>,
    /// Groups in it.
    pub groups: BTreeSet<GroupId>,
}

/// Most memberships that are kept, counting those through other groups; people who are in the same groups count once.
pub const MOST_MEMBERSHIPS: usize = 20_000_000;

/// The groups of a tenant, by person.
#[derive(Clone)]
pub struct Groups {
    /// The people, each with the number of a set.
    people: Names,
    /// Where the sets begin and end: one begins where the one before it ends.
    bounds: Vec<u32>,
    all: Vec<GroupId>,
}

/// Why groups are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotGroups {
    /// A group is inside itself.
    #[error("is inside itself: {}", path(.0))]
    Cycle(Vec<GroupId>),
    /// A group in it does not exist.
    #[error("holds group `{1}`, which does not exist")]
    Unknown(GroupId, GroupId),
    /// Groups are inside groups so often that there are more than [`MOST_MEMBERSHIPS`].
    #[error("has people in too many groups through other groups")]
    TooMany(GroupId),
}

fn path(groups: &[GroupId]) -> String {
    let names: Vec<String> = groups.iter().map(|group| format!("`{group}`")).collect();
    names.join(" in ")
}

impl NotGroups {
    /// The group that is wrong.
    #[must_use]
    pub fn group(&self) -> Option<&GroupId> {
        match self {
            Self::Cycle(groups) => groups.first(),
            Self::Unknown(group, _) | Self::TooMany(group) => Some(group),
        }
    }
}

impl Groups {
    /// Reads declared groups.
    ///
    /// # Errors
    /// [`NotGroups`], the first in the order of names.
    pub fn new(declared: &BTreeMap<GroupId, Group>) -> Result<Self, NotGroups> {
        Self::by_person(&Graph::new(declared)?, declared, MOST_MEMBERSHIPS)
    }

    /// The groups that the person is in, also through other groups; sorted.
    #[must_use]
    pub fn of(&self, person: &EmailAddress) -> &[GroupId] {
        let set = self.people.find(Name::Person(person));
        set.and_then(|(_, set)| self.set(set)).unwrap_or_default()
    }

    /// The same people in the same groups, and no group inside another.
    #[must_use]
    pub fn flat(&self) -> BTreeMap<GroupId, Group> {
        let mut all: BTreeMap<GroupId, Group> = BTreeMap::new();
        for (person, set) in self.people.people() {
            for id in self.set(set).unwrap_or_default() {
                let group = all.entry(id.clone()).or_default();
                group.people.insert(person.clone());
            }
        }
        all
    }

    /// Whether somebody is in that group.
    #[must_use]
    pub fn contains(&self, group: &GroupId) -> bool {
        self.all.contains(group)
    }

    /// What finds a person.
    pub(crate) fn hash(person: &EmailAddress) -> u32 {
        Name::Person(person).hash(KEYS).short()
    }

    /// Has what finds a person's groups brought from memory, in two rounds.
    pub(crate) fn start(&self, hash: u32) {
        self.people.start(hash);
    }

    pub(crate) fn fetch(&self, hash: u32) {
        self.people.fetch(hash);
    }

    fn set(&self, set: u32) -> Option<&[GroupId]> {
        let bounds = self.bounds.get(set as usize..)?.first_chunk::<2>()?;
        self.all.get(bounds[0] as usize..bounds[1] as usize)
    }

    fn by_person(
        graph: &Graph<'_>,
        declared: &BTreeMap<GroupId, Group>,
        most: usize,
    ) -> Result<Self, NotGroups> {
        // In the order of names, so that a person's groups are as well.
        let mut direct: BTreeMap<&EmailAddress, Vec<u32>> = BTreeMap::new();
        for (at, group) in (0u32..).zip(declared.values()) {
            for person in &group.people {
                direct.entry(person).or_default().push(at);
            }
        }
        // Most people share their groups with others: each set is worked out and kept once.
        let mut known: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
        let mut marks = vec![NOBODY; declared.len()];
        let mut groups = Self::default();
        groups.bounds.push(0);
        for (person, direct) in direct {
            let Some(first) = direct.first().and_then(|at| graph.ids.get(*at as usize)) else {
                continue;
            };
            let too_many = || NotGroups::TooMany(GroupId::clone(first));
            let set = match known.get(&direct) {
                Some(set) => *set,
                None => {
                    let set = known.len() as u32;
                    groups.all.extend(graph.around(&direct, set, &mut marks));
                    let end = u32::try_from(groups.all.len()).ok();
                    let end = end.filter(|_| groups.all.len() <= most);
                    groups.bounds.push(end.ok_or_else(too_many)?);
                    known.insert(direct.clone(), set);
                    set
                }
            };
            groups
                .people
                .keep(Name::Person(person), set)
                .ok_or_else(too_many)?;
        }
        groups.people.shrink();
        groups.all.shrink_to_fit();
        groups.bounds.shrink_to_fit();
        Ok(groups)
    }
}

/// The same people in the same groups.
impl PartialEq for Groups {
    fn eq(&self, other: &Self) -> bool {
        let agree = |mine: &Self, theirs: &Self| {
            let mut people = mine.people.people();
            people.all(|(person, _)| mine.of(&person) == theirs.of(&person))
        };
        agree(self, other) && agree(other, self)
    }
}

impl Eq for Groups {}

impl Default for Groups {
    fn default() -> Self {
        Self {
            people: Names::new(KEYS),
            bounds: Vec::new(),
            all: Vec::new(),
        }
    }
}

impl fmt::Debug for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let people = self.people.people();
        f.debug_map()
            .entries(people.map(|(person, set)| (person, self.set(set))))
            .finish()
    }
}

/// Groups are the operator's, who has no wish to make them collide.
const KEYS: Keys = Keys::new(0);

const NOBODY: u32 = u32::MAX;

/// Which group is in which. Groups are numbers, in the order of names. Nothing is recursive: groups may be nested as
/// deep as there are groups.
struct Graph<'a> {
    ids: Vec<&'a GroupId>,
    /// The groups that hold each directly.
    holders: Vec<Vec<u32>>,
}

/// How far a group has been looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    No,
    Above,
    Whole,
}

impl<'a> Graph<'a> {
    fn new(declared: &'a BTreeMap<GroupId, Group>) -> Result<Self, NotGroups> {
        let mut graph = Self {
            ids: declared.keys().collect(),
            holders: vec![Vec::new(); declared.len()],
        };
        let mut seen = vec![Seen::No; declared.len()];
        for (at, group) in declared.values().enumerate() {
            if seen.get(at) == Some(&Seen::No) {
                graph.descend(at, group, declared, &mut seen)?;
            }
        }
        Ok(graph)
    }

    /// Looks at a group and all that are in it and were not looked at yet.
    fn descend(
        &mut self,
        at: usize,
        group: &'a Group,
        declared: &'a BTreeMap<GroupId, Group>,
        seen: &mut [Seen],
    ) -> Result<(), NotGroups> {
        let mut above = vec![(at, group.groups.iter())];
        mark(seen, at, Seen::Above);
        while let Some((holder, inside)) = above.last_mut() {
            let holder = *holder;
            let Some(id) = inside.next() else {
                mark(seen, holder, Seen::Whole);
                above.pop();
                continue;
            };
            let (Ok(inner), Some(group)) = (self.ids.binary_search(&id), declared.get(id)) else {
                return Err(NotGroups::Unknown(self.id(holder, id), id.clone()));
            };
            if let (Some(holders), Ok(holder)) = (self.holders.get_mut(inner), holder.try_into()) {
                holders.push(holder);
            }
            match seen.get(inner) {
                Some(Seen::Above) => {
                    let cycle = above.iter().map(|(at, _)| *at);
                    let cycle = cycle.skip_while(|at| *at != inner).chain([inner]);
                    return Err(NotGroups::Cycle(cycle.map(|at| self.id(at, id)).collect()));
                }
                Some(Seen::No) => {
                    mark(seen, inner, Seen::Above);
                    above.push((inner, group.groups.iter()));
                }
                Some(Seen::Whole) | None => {}
            }
        }
        Ok(())
    }

    /// These groups and all around them, in the order of names.
    ///
    /// - `marks`: for each group the last `turn` in which it was met.
    fn around(&self, groups: &[u32], turn: u32, marks: &mut [u32]) -> Box<[GroupId]> {
        let (mut all, mut next): (Vec<u32>, _) = (Vec::new(), groups.to_vec());
        while let Some(group) = next.pop() {
            if let Some(mark) = marks.get_mut(group as usize)
                && *mark != turn
            {
                *mark = turn;
                all.push(group);
                next.extend(self.holders.get(group as usize).into_iter().flatten());
            }
        }
        all.sort_unstable();
        let ids = all.iter().filter_map(|at| self.ids.get(*at as usize));
        ids.map(|id| GroupId::clone(id)).collect()
    }

    fn id(&self, at: usize, otherwise: &GroupId) -> GroupId {
        let id = self.ids.get(at).copied();
        id.unwrap_or(otherwise).clone()
    }
}

fn mark(seen: &mut [Seen], at: usize, how: Seen) {
    if let Some(seen) = seen.get_mut(at) {
        *seen = how;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::address;

    fn id(name: &str) -> GroupId {
        GroupId::parse(name).unwrap()
    }

    fn group(people: &[&str], groups: &[&str]) -> Group {
        Group {
            people: people.iter().map(|one| address(one)).collect(),
            groups: groups.iter().map(|name| id(name)).collect(),
        }
    }

    fn read(declared: Vec<(&str, Group)>) -> Result<Groups, NotGroups> {
        let declared = declared.into_iter().map(|(name, group)| (id(name), group));
        Groups::new(&declared.collect())
    }

    #[test]
    fn people_are_in_the_groups_around_theirs() {
        let groups = read(vec![
            ("all", group(&[], &["left", "right"])),
            ("left", group(&["ada@fabrikam.example"], &["core"])),
            ("right", group(&[], &["core"])),
            ("core", group(&["bob@fabrikam.example"], &[])),
        ])
        .unwrap();
        let of = |text: &str| groups.of(&address(text)).to_vec();
        assert_eq!(of("ada@fabrikam.example"), [id("all"), id("left")]);
        assert_eq!(
            of("bob@fabrikam.example"),
            [id("all"), id("core"), id("left"), id("right")]
        );
        assert_eq!(of("eve@fabrikam.example"), []);
    }

    #[test]
    fn flat_groups_hold_the_same_people() {
        let groups = read(vec![
            ("all", group(&[], &["core"])),
            ("core", group(&["bob@fabrikam.example"], &[])),
            ("other", group(&["ada@fabrikam.example"], &[])),
        ])
        .unwrap();
        let flat = groups.flat();
        assert!(flat.values().all(|group| group.groups.is_empty()));
        assert_eq!(Groups::new(&flat).unwrap(), groups);
    }

    #[test]
    fn cyclic_groups_are_refused() {
        let cycle = read(vec![
            ("a", group(&[], &["b"])),
            ("b", group(&[], &["c"])),
            ("c", group(&[], &["b"])),
        ]);
        let error = cycle.unwrap_err();
        assert_eq!(error.to_string(), "is inside itself: `b` in `c` in `b`");
        assert!(read(vec![("a", group(&[], &["a"]))]).is_err());
    }

    #[test]
    fn groups_may_be_nested_as_deep_as_there_are_groups() {
        const DEEP: usize = 100_000;
        let name = |at: usize| id(&format!("g-{at:06}"));
        let mut declared: BTreeMap<GroupId, Group> = (0..DEEP)
            .map(|at| {
                let groups = (at + 1 < DEEP).then(|| name(at + 1));
                let groups = groups.into_iter().collect();
                (
                    name(at),
                    Group {
                        groups,
                        ..Group::default()
                    },
                )
            })
            .collect();
        let ada = address("ada@fabrikam.example");
        declared
            .get_mut(&name(DEEP - 1))
            .unwrap()
            .people
            .insert(ada.clone());
        let groups = Groups::new(&declared).unwrap();
        assert_eq!(groups.of(&ada).len(), DEEP);
        assert!(groups.of(&ada).is_sorted());

        declared
            .get_mut(&name(DEEP - 1))
            .unwrap()
            .groups
            .insert(name(0));
        let NotGroups::Cycle(cycle) = Groups::new(&declared).unwrap_err() else {
            panic!("no cycle");
        };
        assert_eq!(cycle.len(), DEEP + 1);
    }

    #[test]
    fn more_memberships_than_can_be_kept_are_refused() {
        let declared: BTreeMap<GroupId, Group> = [
            (id("a"), group(&["ada@fabrikam.example"], &["b"])),
            (
                id("b"),
                group(&["bob@fabrikam.example", "eve@fabrikam.example"], &[]),
            ),
        ]
        .into();
        let graph = Graph::new(&declared).unwrap();
        assert!(Groups::by_person(&graph, &declared, 3).is_ok());
        let refused = Groups::by_person(&graph, &declared, 2).unwrap_err();
        assert_eq!(refused, NotGroups::TooMany(id("b")));
    }

    #[test]
    fn people_of_the_same_groups_cost_little() {
        let people = |to: usize| {
            (0..to)
                .map(|at| address(&format!("p{at}@fabrikam.example")))
                .collect()
        };
        let all = Group {
            people: people(20_000),
            groups: BTreeSet::new(),
        };
        let around = |at: usize| {
            let inner = if at == 0 {
                "all".to_owned()
            } else {
                format!("g-{}", at - 1)
            };
            (
                id(&format!("g-{at}")),
                Group {
                    groups: [id(&inner)].into(),
                    ..Group::default()
                },
            )
        };
        let mut declared: BTreeMap<GroupId, Group> = (0..2_000).map(around).collect();
        declared.insert(id("all"), all);
        // 40 million memberships, of which only one set is kept.
        let groups = Groups::new(&declared).unwrap();
        assert_eq!(groups.bounds.len(), 2);
        assert_eq!(groups.of(&address("p19999@fabrikam.example")).len(), 2_001);
    }

    #[test]
    fn unknown_groups_are_refused() {
        let unknown = read(vec![("a", group(&[], &["b"]))]).unwrap_err();
        assert_eq!(unknown, NotGroups::Unknown(id("a"), id("b")));
    }
}
