//! Where the link of an invitation's mail leads: a page, and from there into the sign-in.
//!
//! Programs that look into mail open every link: asking for the page changes nothing, however often. What it shows is the
//! same whether or not there is such an invitation, but for the address (S169).

use gateway_core::id::SiteId;
use gateway_core::path::ItemPath;
use gateway_core::person::InvitationManager;
use gateway_store::model::{Counted, Invitation};
use http::StatusCode;
use url::Url;

use super::Case;
use crate::answer::{Answer, Outcome, Refused};
use crate::pages::{self, Forms, InvitationPage};
use crate::reason::Reason;
use crate::return_target::{ReturnTarget, return_target};

const HOUR: u32 = 3600;
/// Below the host, before the id of an invitation.
const BELOW: &str = "/_vestibule/invitation/";

impl Case<'_> {
    pub(super) async fn invitation(&self, id: &str) -> Result<Answer, Refused> {
        let found = self.find(id).await?;
        let session = self.visit.session.as_ref();
        let person = session.and_then(|session| session.person.as_ref());
        let signed_in = person.and_then(|person| person.address.as_ref());
        if let Some(invitation) = &found
            && signed_in == Some(&invitation.address)
        {
            let target = self.target(invitation);
            let outcome = Outcome::new("allow", "invitation-opened");
            return Ok(Answer::see_other(&target.to_string(), outcome));
        }
        let by_directory = match &found {
            Some(invitation) => invitation.manager == InvitationManager::Directory,
            None => self.tenant.settings.integration().value,
        };
        let inviter = found.as_ref().and_then(|one| one.invited_by.as_ref());
        let address = found.as_ref().map(|one| one.address.to_string());
        let html = pages::render(&InvitationPage {
            organisation: self.organisation(),
            by_directory,
            inviter: inviter.map(ToString::to_string).as_deref(),
            address: address.as_deref(),
            for_others: found.as_ref().is_some_and(|one| self.is_for_others(one)),
            return_to: &found
                .as_ref()
                .map_or_else(|| "/".to_owned(), |one| format!("{BELOW}{}", one.id)),
            signed_in: signed_in.map(ToString::to_string).as_deref(),
        });
        let outcome = Outcome::new("challenge", "invitation-shown");
        Ok(Answer::page(StatusCode::OK, html, Forms::Anywhere, outcome))
    }

    /// Whether whoever holds the mail may take the invitation up, as far as its page may say so.
    fn is_for_others(&self, invitation: &Invitation) -> bool {
        let settings = &self.tenant.settings;
        invitation.ended.is_none()
            && invitation.manager == InvitationManager::Sharing
            && !invitation.account_must_match
            && !settings.sharing.require_account_match
            && !settings.integration().value
    }

    /// The invitation with that id, if whom it is for may still come by it.
    async fn find(&self, id: &str) -> Result<Option<Invitation>, Reason> {
        let (directory, tenant) = (&self.sign_in.directory, &self.tenant.id);
        let found = match is_id(id) {
            true => directory.invitation(tenant, id).await?,
            false => None,
        };
        let Some(invitation) = found else {
            self.count_unknown().await?;
            return Ok(None);
        };
        let user = directory.user(tenant, &invitation.user).await?;
        let welcome = user.is_some_and(|user| user.deleted.is_none() && user.account_enabled);
        Ok(welcome.then_some(invitation))
    }

    /// Guessing ids is held up like guessing the tokens of links.
    async fn count_unknown(&self) -> Result<(), Reason> {
        let limits = &self.sign_in.configuration.gateway.limits;
        let limit = limits.unknown_links_per_prefix;
        let (store, prefix) = (self.sign_in.store(), self.visit.prefix.to_string());
        let now = self.visit.now;
        match store
            .count("unknown-invitation", &prefix, HOUR, limit, now)
            .await?
        {
            Counted::Within(_) => Ok(()),
            Counted::Exceeded => Err(Reason::TooManyAttempts),
        }
    }

    /// Where a redemption ends: where the inviter said, if that is here; else at the site, or at the root of the host.
    fn target(&self, invitation: &Invitation) -> ReturnTarget {
        let said = invitation.redirect_url.as_deref();
        let said = said.and_then(|url| self.own_path(url));
        let site = || {
            let site = self.tenant.sites.get(invitation.site.as_ref()?)?;
            return_target(&site.path.encoded())
        };
        said.or_else(site).unwrap_or_else(ReturnTarget::root)
    }

    /// Path and query of an address of this very origin, if it is not one of our own pages.
    fn own_path(&self, url: &str) -> Option<ReturnTarget> {
        let url = Url::parse(url).ok()?;
        let here = url.origin().ascii_serialization() == self.visit.origin;
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let target = here.then(|| return_target(&path)).flatten()?;
        invitation_of(&path).is_none().then_some(target)
    }

    /// The site that a return address leads to.
    pub(super) fn site_of(&self, return_to: &str) -> Option<SiteId> {
        let path = return_to.split('?').next().unwrap_or_default();
        let path = ItemPath::parse(path).ok()?;
        let within = self
            .tenant
            .sites
            .values()
            .filter(|site| path.is_within(&site.path, site.settings.path_case));
        let nearest = within.max_by_key(|site| site.path.segments().len())?;
        Some(nearest.id.clone())
    }
}

/// The id of the invitation that a return address leads back to.
pub(super) fn invitation_of(return_to: &str) -> Option<&str> {
    let path = return_to.split('?').next()?;
    path.strip_prefix(BELOW).filter(|id| is_id(id))
}

/// A GUID in lower case.
fn is_id(text: &str) -> bool {
    let place = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match byte {
            b'-' => place(at),
            b'0'..=b'9' | b'a'..=b'f' => !place(at),
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitations_own_address_is_read_back() {
        let id = "0f8fad5b-d9cb-469f-a165-70867728950e";
        let check =
            |text: &str, want: Option<&str>| assert_eq!(invitation_of(text), want, "{text}");
        check(&format!("/_vestibule/invitation/{id}"), Some(id));
        check(&format!("/_vestibule/invitation/{id}?x=1"), Some(id));
        check(&format!("/_vestibule/invitation/{id}/x"), None);
        check(&format!("/sites/_vestibule/invitation/{id}"), None);
        check("/_vestibule/invitation/0f8fad5b", None);
        check(
            &format!("/_vestibule/invitation/{}", id.to_uppercase()),
            None,
        );
    }
}
