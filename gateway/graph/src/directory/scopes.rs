//! Which scopes suffice for what, the least first; and whose word counts beside them.
//!
//! Source: specification "Graph API" 5 (Auth).

use gateway_core::policy::share::DirectoryRole;

use super::Call;
use crate::caller::CallerKind;
use crate::error::ApiError;

pub(crate) const INVITE: &[&str] = &[
    "User.Invite.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
];
pub(crate) const READ_USERS: &[&str] = &[
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
pub(crate) const WRITE_USERS: &[&str] = &["User.ReadWrite.All", "Directory.ReadWrite.All"];
pub(crate) const REVOKE_SESSIONS: &[&str] = &[
    "User.RevokeSessions.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
];
pub(crate) const READ_SHAREPOINT: &[&str] = &[
    "SharePointTenantSettings.Read.All",
    "SharePointTenantSettings.ReadWrite.All",
];
pub(crate) const WRITE_SHAREPOINT: &[&str] = &["SharePointTenantSettings.ReadWrite.All"];
pub(crate) const READ_AUTHORIZATION: &[&str] =
    &["Policy.Read.All", "Policy.ReadWrite.Authorization"];
pub(crate) const WRITE_AUTHORIZATION: &[&str] = &["Policy.ReadWrite.Authorization"];
pub(crate) const READ_CROSS_TENANT: &[&str] =
    &["Policy.Read.All", "Policy.ReadWrite.CrossTenantAccess"];
pub(crate) const WRITE_CROSS_TENANT: &[&str] = &["Policy.ReadWrite.CrossTenantAccess"];
pub(crate) const READ_EMAIL_METHOD: &[&str] =
    &["Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod"];
pub(crate) const WRITE_EMAIL_METHOD: &[&str] = &["Policy.ReadWrite.AuthenticationMethod"];
pub(crate) const READ_B2B: &[&str] = &[
    "Policy.Read.B2BManagementPolicy",
    "Policy.ReadWrite.B2BManagementPolicy",
];
pub(crate) const WRITE_B2B: &[&str] = &["Policy.ReadWrite.B2BManagementPolicy"];
pub(crate) const READ_PROVIDERS: &[&str] = &[
    "IdentityProvider.Read.All",
    "IdentityProvider.ReadWrite.All",
];
pub(crate) const WRITE_PROVIDERS: &[&str] = &["IdentityProvider.ReadWrite.All"];

/// Whose word counts, of people: scopes say what an application may do for somebody, not what that somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    /// Any member's.
    Member,
    /// That of those who manage people.
    People,
    /// That of those who manage sharing, or everything.
    Sharing,
    /// That of those who manage everything.
    Everything,
}

impl Call<'_> {
    /// Demands one of `scopes`, and of a person the right.
    ///
    /// # Errors
    /// [`ApiError`] with 403.
    pub(crate) fn require(&self, scopes: &[&str], right: Right) -> Result<(), ApiError> {
        self.caller.require(scopes, self.area())?;
        let CallerKind::Person {
            roles,
            administrator,
            guest,
            ..
        } = &self.caller.kind
        else {
            return Ok(());
        };
        let everything = roles.contains(&DirectoryRole::GlobalAdministrator);
        let enough = match right {
            Right::Member => true,
            Right::People => everything || roles.contains(&DirectoryRole::UserAdministrator),
            Right::Sharing => *administrator,
            Right::Everything => everything,
        };
        if enough && !guest {
            Ok(())
        } else {
            Err(ApiError::lacks_scope(self.area()))
        }
    }
}
