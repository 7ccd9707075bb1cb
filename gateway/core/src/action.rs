//! What can be done to an item.

/// One thing a request does to one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Read the item, its properties or, for a folder, its listing.
    View,
    /// Change an item that may exist already.
    Edit,
    /// Make a new item; fails where one exists.
    Create,
    /// Remove the item.
    Delete,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::View, Self::Edit, Self::Create, Self::Delete];

    /// The name used in logs, on the command line and in traces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Edit => "edit",
            Self::Create => "create",
            Self::Delete => "delete",
        }
    }

    /// The action of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}
