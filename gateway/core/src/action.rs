//! What can be done to an item.

/// One thing a request does to one item. What leaves the server as bytes is a download, whatever shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// See the item in a page that the server renders; its properties; a folder's listing.
    View,
    /// Take the item's bytes.
    Download,
    /// Change an item that may exist already.
    Edit,
    /// Make a new item; fails where one exists.
    Create,
    /// Remove the item.
    Delete,
    /// Read who the people of the site are.
    ReadUserInfo,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::View,
        Self::Download,
        Self::Edit,
        Self::Create,
        Self::Delete,
        Self::ReadUserInfo,
    ];

    /// Whether it changes something.
    #[must_use]
    pub const fn writes(self) -> bool {
        match self {
            Self::Edit | Self::Create | Self::Delete => true,
            Self::View | Self::Download | Self::ReadUserInfo => false,
        }
    }

    /// The name used in logs, on the command line and in traces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Download => "download",
            Self::Edit => "edit",
            Self::Create => "create",
            Self::Delete => "delete",
            Self::ReadUserInfo => "read-user-info",
        }
    }

    /// The action of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}
