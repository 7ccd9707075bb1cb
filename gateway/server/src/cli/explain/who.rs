//! From the address that was typed to the session the person would have.

use gateway_config::model::{Configuration, Provider, Tenant};
use gateway_core::address::EmailAddress;
use gateway_core::assertion::{Assertion, EmailProof};
use gateway_core::cloud::Clouds;
use gateway_core::id::{CloudName, LinkId, ProviderId, ProviderKind, SiteId};
use gateway_core::person::{self, Guest, GuestState, IdentityKey, InvitationManager};
use gateway_core::policy::redeem::SharedBy;
use gateway_core::policy::{Denial, redeem};
use gateway_core::settings::TenantSettings;
use gateway_core::sharing::{LinkScope, Recipient};
use gateway_core::time::UnixTime;
use gateway_sign_in::session::{Session, SessionPerson};
use gateway_store::directory::TenantView;
use gateway_store::model::SessionId;

use crate::cli::moment;

/// Somebody, as the gateway would know them.
pub(super) struct Who {
    /// For people.
    pub(super) shown: String,
    /// What would come of an invitation that has not been redeemed.
    pub(super) redemption: Option<Result<(), Denial>>,
    person: Option<SessionPerson>,
}

/// Where somebody is looked for.
pub(super) struct Place<'a> {
    pub(super) configuration: &'a Configuration,
    pub(super) tenant: &'a Tenant,
    pub(super) directory: &'a TenantView,
    pub(super) at: UnixTime,
}

impl Who {
    /// Nobody signed in.
    pub(super) fn nobody() -> Self {
        Self::stranger("nobody signed in".to_owned())
    }

    /// Finds out who `address` is to the tenant.
    pub(super) fn find(address: &EmailAddress, place: &Place<'_>) -> Self {
        if place.tenant.member_domains.contains(address.domain()) {
            return member(address, place);
        }
        match place.directory.guest_by_address(address) {
            Some(guest) => invited(guest, place),
            None => Self {
                person: known_by(address, unknown_account(None), place),
                ..Self::stranger(format!("{address}, whom the directory does not know"))
            },
        }
    }

    /// The session that person would have, with these links opened; none where there is neither.
    pub(super) fn session(&self, links: &[LinkId], place: &Place<'_>) -> Option<Session> {
        let session = Session {
            id: SessionId([0; 16]),
            tenant: place.tenant.id.clone(),
            person: self.person.clone(),
            links: links.to_vec(),
            started: place.at,
            sealed_at: place.at,
            expires: place.at.plus(1),
        };
        (session.person.is_some() || !links.is_empty()).then_some(session)
    }

    /// Somebody without a session.
    fn stranger(shown: String) -> Self {
        Self {
            shown,
            redemption: None,
            person: None,
        }
    }
}

/// Somebody whose address says that they are one of the tenant's own people. What makes them one is their account.
fn member(address: &EmailAddress, place: &Place<'_>) -> Who {
    let settings = &place.tenant.settings;
    let own = |provider: &&Provider| {
        provider.trust.kind.as_str() == "work-school"
            && provider.trust.cloud.as_ref() == Some(&settings.cloud)
    };
    let mut serving = place
        .configuration
        .providers
        .values()
        .filter(|provider| serves(provider, place));
    let Some(tenant) = &settings.directory.tenant_id else {
        return no_member(
            address,
            "`directory.tenant_id` is not set, so that nobody is a member",
        );
    };
    let Some(provider) = serving.find(own) else {
        return no_member(address, "no provider signs in members");
    };
    let key = IdentityKey {
        cloud: Some(settings.cloud.clone()),
        provider: provider.id.clone(),
        issuer: String::new(),
        tenant: Some(tenant.clone()),
        subject: String::new(),
    };
    let person = known_by(address, Some(key), place).map(|person| SessionPerson {
        member: true,
        ..person
    });
    Who {
        person,
        ..Who::stranger(format!("{address}, a member"))
    }
}

fn no_member(address: &EmailAddress, why: &str) -> Who {
    Who::stranger(format!(
        "{address}, of a member domain, who cannot sign in: {why}"
    ))
}

fn invited(guest: &Guest, place: &Place<'_>) -> Who {
    let shown = format!(
        "{}, guest `{}`, {}{}",
        guest.address,
        guest.id,
        standing(guest),
        stamps(guest, place.at)
    );
    if let Some(who) = ad_hoc(guest, place) {
        return who;
    }
    let Some(bound) = &guest.identity else {
        let home = own_home(guest, place.tenant);
        return Who {
            redemption: (guest.state == GuestState::PendingAcceptance)
                .then(|| redemption(guest, home.clone(), place)),
            person: known_by(&guest.address, unknown_account(home), place),
            shown,
        };
    };
    let provider = place.configuration.providers.get(&bound.provider);
    if provider.is_some_and(|provider| serves(provider, place)) {
        Who {
            person: known_by(&guest.address, Some(bound.clone()), place),
            ..Who::stranger(shown)
        }
    } else {
        let gone = &bound.provider;
        Who::stranger(format!(
            "{shown} with provider `{gone}`, which signs nobody in here now"
        ))
    }
}

/// Somebody who comes in by sharing's own passcode, where the gateway mails one.
fn ad_hoc(guest: &Guest, place: &Place<'_>) -> Option<Who> {
    let mut providers = place.configuration.providers.values();
    let settings = &place.tenant.settings;
    let provider = providers.find(|provider| {
        serves(provider, place) && person::is_ad_hoc(guest, &provider.trust.kind, settings)
    })?;
    let key = IdentityKey {
        provider: provider.id.clone(),
        ..unknown_account(None)?
    };
    Some(Who {
        person: known_by(&guest.address, Some(key), place),
        ..Who::stranger(format!(
            "{}, by sharing's own passcode, without an entry in the directory{}",
            guest.address,
            attested(settings)
        ))
    })
}

/// Whether sessions by this provider count at the tenant.
fn serves(provider: &Provider, place: &Place<'_>) -> bool {
    let passcodes = provider.trust.kind.as_str() == "email-otp";
    let clouds = &place.configuration.clouds;
    let directory = &place.tenant.settings.directory;
    let given_up = directory.given_up.contains(&provider.trust.kind);
    provider.serves(&place.tenant.id)
        && !given_up
        && (!passcodes || place.tenant.mails_passcodes(clouds))
}

fn known_by(
    address: &EmailAddress,
    key: Option<IdentityKey>,
    place: &Place<'_>,
) -> Option<SessionPerson> {
    let key = key?;
    let provider = place.configuration.providers.get(&key.provider);
    Some(SessionPerson {
        kind: provider.map_or_else(any_kind, |provider| Some(provider.trust.kind.clone()))?,
        key,
        member: false,
        address: Some(address.clone()),
        proof: EmailProof::Mailbox,
        authenticated_at: place.at,
        amr: Vec::new(),
        contexts: Vec::new(),
        display_name: None,
        sid: None,
        logout_hint: None,
    })
}

/// An account that nothing is known about but, perhaps, its cloud.
fn unknown_account(cloud: Option<CloudName>) -> Option<IdentityKey> {
    Some(IdentityKey {
        cloud,
        provider: ProviderId::parse("unknown").ok()?,
        issuer: String::new(),
        tenant: None,
        subject: String::new(),
    })
}

/// A kind that the rules about clouds do not speak of.
fn any_kind() -> Option<ProviderKind> {
    ProviderKind::parse("unknown").ok()
}

/// The tenant's own cloud, where the guest's domain is declared to live there.
fn own_home(guest: &Guest, tenant: &Tenant) -> Option<CloudName> {
    let homes = tenant
        .settings
        .directory
        .domain_homes
        .get(guest.address.domain())?;
    homes
        .contains(&tenant.settings.cloud)
        .then(|| tenant.settings.cloud.clone())
}

/// Whether the invitation can be redeemed with an account that proves the address.
fn redemption(guest: &Guest, home: Option<CloudName>, place: &Place<'_>) -> Result<(), Denial> {
    let clouds: &Clouds = &place.configuration.clouds;
    let (Some(key), Some(kind)) = (unknown_account(home), any_kind()) else {
        return Err(Denial::FactsMissing);
    };
    let assertion = Assertion {
        key,
        kind,
        address: Some((guest.address.clone(), EmailProof::Mailbox)),
        unproven: None,
        authenticated_at: place.at,
        amr: Vec::new(),
        contexts: Vec::new(),
    };
    let settings = &place.tenant.settings;
    if guest.has_entry() {
        return redeem::admit(&assertion, guest, settings, clouds, place.at).map(drop);
    }
    let mut refused = Denial::NotInDirectory;
    for (creator, creator_may_share, manager, link) in shares(guest, place) {
        let by = SharedBy {
            creator: &creator,
            creator_may_share,
            manager,
        };
        let shared = redeem::Shared { by, link };
        match redeem::admit_shared(&assertion, guest, &shared, settings, clouds, place.at) {
            Ok(_) => return Ok(()),
            Err(denial) => refused = denial,
        }
    }
    Err(refused)
}

/// What was shared with somebody by name: its creator, whether that one may share still as far as is kept, which manager
/// invited for it, and whether it is a link.
fn shares(guest: &Guest, place: &Place<'_>) -> Vec<(EmailAddress, bool, InvitationManager, bool)> {
    let lives = |end: Option<UnixTime>| end.is_none_or(|end| place.at < end);
    let to = Recipient::Address(guest.address.clone());
    let permissions = place
        .directory
        .permissions()
        .filter(|one| one.recipient().as_ref() == Some(&to) && lives(one.expires()))
        .filter_map(|one| Some((one.created_by()?, true, one.manager(), false)));
    let links = place.directory.links().filter(|link| match &link.scope {
        LinkScope::Users(people) => people.contains(&guest.address) && lives(link.expires),
        LinkScope::Anonymous | LinkScope::Organization | LinkScope::ExistingAccess => false,
    });
    let links = links.map(|link| {
        (
            link.created_by.clone(),
            link.creator_may_share,
            link.manager,
            true,
        )
    });
    permissions.chain(links).collect()
}

/// When the guest's time in sites ends.
fn stamps(guest: &Guest, at: UnixTime) -> String {
    let stamp = |(site, end): (&SiteId, &UnixTime)| {
        let verb = if *end <= at { "ended" } else { "ends" };
        format!(
            "; access to site `{site}` {verb} at {}",
            moment::shown(*end)
        )
    };
    guest.expires.iter().map(stamp).collect()
}

/// How often somebody without an entry proves the mailbox.
fn attested(settings: &TenantSettings) -> String {
    match settings.sharing.attestation_days {
        Some(days) if settings.sharing.attestation => {
            format!("; the mailbox is proven again every {} days", days.get())
        }
        Some(_) | None => String::new(),
    }
}

fn standing(guest: &Guest) -> &'static str {
    match guest.state {
        GuestState::PendingAcceptance => "who has not redeemed the invitation",
        GuestState::Accepted => "who has redeemed the invitation",
        GuestState::Blocked => "who is blocked",
    }
}
