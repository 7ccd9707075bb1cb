//! The directory's resources over a real store.

mod invitations;
mod policies;
mod providers;
mod scopes;
mod shared;
mod sharepoint;
mod users;
