//! Whether a provider's mail is sent.
//!
//! Everything is asked and counted for every address in the same way; only at the end is a letter queued or not. So
//! the answer a person gets, and the time it takes, are the same for somebody invited and for anybody else (S149).

use gateway_config::model::{Configuration, Tenant};
use gateway_core::address::EmailAddress;
use gateway_core::id::{ProviderId, ProviderKind, TenantId};
use gateway_core::person::Guest;
use gateway_core::time::UnixTime;
use gateway_store::directory::Directory;
use gateway_store::model::Counted;
use gateway_store::{Store, StoreError};

use super::{Letter, Mailer};
use crate::admission::may_mail;
use crate::grants;
use crate::home::Found;
use crate::lifecycle::{Asked as Standing, Shared};
use crate::offers::{Offers, Redeems};
use crate::prefix::AddressPrefix;

const HOUR: u32 = 3600;
/// How many times what one network may have sent to an address is sent for all networks together: were the limit the same,
/// one stranger could keep a guest from getting any mail.
const NETWORKS: u32 = 4;
/// Mails of one provider in an hour, over all addresses: what a mail server stands.
const MAILS_PER_PROVIDER: u32 = 10_000;

/// What mail is judged by.
pub(crate) struct Gate<'a> {
    pub(crate) configuration: &'a Configuration,
    pub(crate) directory: &'a Directory,
    pub(crate) store: &'a Store,
    pub(crate) mailer: &'a dyn Mailer,
    pub(crate) offers: &'a Offers,
}

/// Who asks for a mail.
#[derive(Clone, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) provider: &'a ProviderId,
    pub(crate) kind: &'a ProviderKind,
    pub(crate) prefix: AddressPrefix,
    /// The address typed at the beginning of the attempt.
    pub(crate) address: Option<&'a EmailAddress>,
}

impl Gate<'_> {
    /// Queues the letter if its address is the attempt's own, holds something in the tenant that is alive, and has
    /// not been written to too often. Otherwise nothing happens, and nobody is told.
    pub(crate) async fn send(
        &self,
        asked: &Asked<'_>,
        letter: Letter,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let own = asked.address == Some(&letter.to);
        let tenant = self.configuration.tenants.get(asked.tenant);
        // Found out for everybody, for the time it takes.
        let home = match tenant {
            Some(tenant) => self.offers.home(letter.to.domain(), tenant, now).await,
            None => Found::default(),
        };
        let holds = match tenant {
            Some(tenant) => {
                self.holds_something(asked, tenant, &home, &letter.to, now)
                    .await?
            }
            None => false,
        };
        let within = self
            .within_limits(asked, &letter.to, own && holds, now)
            .await?;
        if own && within && holds {
            self.mailer.queue(letter);
        } else {
            tracing::info!(
                tenant.id = %asked.tenant,
                provider.id = %asked.provider,
                mail.own_address = own,
                mail.within_limits = within,
                mail.granted = holds,
                "Mail not sent"
            );
        }
        Ok(())
    }

    async fn within_limits(
        &self,
        asked: &Asked<'_>,
        to: &EmailAddress,
        welcome: bool,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let limits = &self.configuration.gateway.limits;
        let address = format!("{}|{to}", asked.tenant);
        // What is not sent is counted too, for the time it takes, but apart: strangers must not use up the provider's.
        let provider = format!(
            "{}|{}",
            asked.provider,
            if welcome { "sent" } else { "unsent" }
        );
        let network = format!("{address}|{}", asked.prefix);
        let mails = limits.mails_per_address;
        let counts = [
            ("mail-network", network, mails),
            ("mail-address", address, mails.saturating_mul(NETWORKS)),
            (
                "mail-prefix",
                asked.prefix.to_string(),
                limits.attempts_per_prefix,
            ),
            ("mail-provider", provider, MAILS_PER_PROVIDER),
        ];
        let mut within = true;
        for (scope, key, limit) in counts {
            // Beyond a limit nothing is sent, and nothing more is used up of what others need; but all is asked, for the time it takes.
            let limit = if within { limit } else { 0 };
            match self.store.count(scope, &key, HOUR, limit, now).await? {
                Counted::Within(_) => {}
                Counted::Exceeded => within = false,
            }
        }
        Ok(within)
    }

    async fn holds_something(
        &self,
        asked: &Asked<'_>,
        tenant: &Tenant,
        home: &Found,
        to: &EmailAddress,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let view = self.directory.look(&grants::wanted(tenant, to)).await?;
        let Some(directory) = view.tenant(asked.tenant) else {
            return Ok(false);
        };
        let standing = Standing {
            configuration: self.configuration,
            directory: self.directory,
            tenant,
            now,
        };
        let shared = standing.shared(directory, to).await?;
        let invited = self.is_invited(asked.tenant, to).await?;
        let granted = grants::alive(tenant, directory, to, now).next().is_some();
        let known = directory.guest_by_address(to);
        let guest = match known.filter(|guest| guest.has_entry()) {
            Some(guest) => Some(guest.clone()),
            None => shared.invitee(known, to),
        };
        Ok((granted || invited)
            && guest
                .is_some_and(|guest| self.is_welcome(asked, tenant, home, (&guest, &shared), now)))
    }

    /// Whether an invitation of the address is open, whatever was or was not shared with it yet.
    async fn is_invited(&self, tenant: &TenantId, to: &EmailAddress) -> Result<bool, StoreError> {
        let entry = self.directory.user_by_address(tenant, to).await?;
        match entry.filter(|entry| !entry.declared) {
            Some(entry) => {
                let open = self.directory.invitations(tenant, &entry.id).await?;
                Ok(!open.is_empty())
            }
            None => Ok(false),
        }
    }

    /// Whether the guest may come in by what is mailed.
    fn is_welcome(
        &self,
        asked: &Asked<'_>,
        tenant: &Tenant,
        home: &Found,
        (guest, shared): (&Guest, &Shared),
        now: UnixTime,
    ) -> bool {
        let clouds = &self.configuration.clouds;
        if let Err(reason) = home.admits(tenant, clouds, false) {
            tracing::info!(
                tenant.id = %asked.tenant,
                provider.id = %asked.provider,
                decision = "deny",
                decision.reason = reason.code(),
                "Home of the domain not admitted"
            );
            return false;
        }
        // The first redemption sticks: who came in another way before does so again.
        let way = match &guest.identity {
            Some(bound) => bound.provider == *asked.provider,
            None => {
                let redeems = self
                    .offers
                    .redeems(asked.provider, guest, home, tenant, now);
                redeems == Ok(Redeems::Yes)
            }
        };
        way && may_mail(guest, shared, asked.kind, &tenant.settings, clouds, now).is_ok()
    }
}
