//! The scopes that there are.

use std::collections::BTreeSet;

use crate::vestibule;

/// Those of Microsoft Graph that operations here take.
///
/// Source: specification "Graph API" 5.
const GRAPH: &[&str] = &[
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "Files.Read",
    "Files.Read.All",
    "Files.ReadWrite",
    "Files.ReadWrite.All",
    "IdentityProvider.Read.All",
    "IdentityProvider.ReadWrite.All",
    "Policy.Read.All",
    "Policy.Read.B2BManagementPolicy",
    "Policy.ReadWrite.AuthenticationMethod",
    "Policy.ReadWrite.Authorization",
    "Policy.ReadWrite.B2BManagementPolicy",
    "Policy.ReadWrite.CrossTenantAccess",
    "SharePointTenantSettings.Read.All",
    "SharePointTenantSettings.ReadWrite.All",
    "Sites.FullControl.All",
    "Sites.Manage.All",
    "Sites.Read.All",
    "Sites.ReadWrite.All",
    "User.Invite.All",
    "User.Read.All",
    "User.ReadWrite.All",
    "User.RevokeSessions.All",
];

/// Every scope that some operation takes.
#[must_use]
pub fn scopes() -> BTreeSet<&'static str> {
    GRAPH.iter().copied().chain(vestibule::scopes()).collect()
}
