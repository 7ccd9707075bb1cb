//! Whether the directory lets the caller invite that person: asked of the core as a share of a site that nothing else keeps
//! from being shared, for what a directory says of guests it says of all that is shared with them.

use std::collections::BTreeSet;

use gateway_core::id::SiteId;
use gateway_core::policy::share::{
    Ask, ShareFacts, ShareQuestion, ShareRecipient, Sharer, SharerKind, Who, share,
};
use gateway_core::policy::{Denial, NoTrace, Outcome};
use gateway_core::settings::{
    Profile, SharingCapability, SiteSettings, Template, TenantSettings, tenant::TenantSharing,
};
use gateway_core::sharing::{ItemKind, Role};
use gateway_store::model::UserEntry;
use http::StatusCode;

use super::super::Call;
use super::asked::Asked;
use crate::caller::CallerKind;
use crate::error::ApiError;

/// Judges an invitation.
///
/// # Errors
/// [`ApiError`] with 403, or with 400 for one of the organisation's own people.
pub(super) fn judge(
    call: &Call<'_>,
    asked: &Asked,
    known: Option<&UserEntry>,
) -> Result<(), ApiError> {
    let tenant = call.tenant()?;
    if tenant.member_domains.contains(asked.address.domain()) {
        let message = "The invited user's e-mail address is of the organisation itself.";
        return Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            "BadRequest",
            message,
        ));
    }
    if known.is_some_and(|user| !user.account_enabled) {
        let message = "The user is blocked.";
        return Err(forbidden(message).with_inner(Denial::GuestBlocked.code()));
    }
    let site = SiteSettings {
        template: Template::RootCommunication,
        ..SiteSettings::default()
    };
    let configuration = call.api.surroundings().configuration();
    let facts = ShareFacts {
        clouds: &configuration.clouds,
        tenant: &of_directory(&tenant.settings),
        site: &site,
    };
    let site = SiteId::parse("directory");
    let question = ShareQuestion {
        site: site.map_err(|error| ApiError::unavailable(call.area(), error))?,
        item: ItemKind::Site,
        sharer: sharer(call),
        ask: Ask::Permission {
            role: Role::Read,
            recipients: vec![ShareRecipient {
                who: Who::Outsider(asked.address.clone()),
                guest: known.map(UserEntry::guest),
                groups: BTreeSet::new(),
                in_site: true,
                in_channel: false,
                cloud: None,
                tenant: None,
                by_upn: None,
            }],
            expires: None,
        },
    };
    match share(&question, &facts, call.request.now, &mut NoTrace).outcome {
        Outcome::Allow => Ok(()),
        Outcome::Deny(denial) | Outcome::Request(denial) => Err(refusal(denial)),
        Outcome::Challenge(_) => Err(forbidden("The invitation needs something more.")),
    }
}

/// The settings of a tenant as they would be if only its directory kept anybody out: what sharing says of levels, groups and
/// lists is asked when something is shared.
fn of_directory(tenant: &TenantSettings) -> TenantSettings {
    let integration = tenant.integration().value;
    TenantSettings {
        // From this profile on the directory is asked whenever a site is shared.
        profile: tenant.profile.max(Profile::IntegrationDefault),
        sharing: TenantSharing {
            capability: SharingCapability::ExternalUserAndGuestSharing,
            integration: Some(integration),
            ..TenantSharing::default()
        },
        ..tenant.clone()
    }
}

/// Whoever invites. In the made-up site that is asked about everybody owns everything, so that only the directory decides.
fn sharer(call: &Call<'_>) -> Sharer {
    let (kind, directory_roles) = match &call.caller.kind {
        CallerKind::Person { guest: true, .. } => (SharerKind::Guest, BTreeSet::new()),
        CallerKind::Person { roles, .. } => (SharerKind::Member, roles.clone()),
        CallerKind::Application { .. } | CallerKind::Operator => {
            (SharerKind::Application, BTreeSet::new())
        }
    };
    Sharer {
        kind,
        address: call.caller.address().cloned(),
        groups: BTreeSet::new(),
        directory_roles,
        role: Some(Role::Owner),
        site_owner: true,
    }
}

fn refusal(denial: Denial) -> ApiError {
    match denial {
        Denial::InviteNotAllowed => {
            let message = "Guest invitations not allowed for your company. Contact your company administrator for more details.";
            forbidden(message).with_inner(denial.code())
        }
        Denial::DirectoryDomain(_) => {
            let message = "The domain of the invited user is not allowed by the organisation.";
            forbidden(message).with_inner("invitationDomainNotAllowed")
        }
        Denial::CloudNotAllowed
        | Denial::CloudUnknown
        | Denial::PartnerNotAdded
        | Denial::PartnerNotReady
        | Denial::PartnerBlocked
        | Denial::UpnRequired
        | Denial::OutsideEnvironment => {
            let message = "This invitation is blocked by cross-tenant access settings.";
            forbidden(message).with_inner(denial.code())
        }
        other => forbidden("The invitation is not allowed.").with_inner(other.code()),
    }
}

fn forbidden(message: &str) -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, "Forbidden", message)
}
