//! People: identities, sign-ins, guests.

use std::sync::Arc;

use gateway_core::address::EmailAddress;
use gateway_core::id::CloudName;
use gateway_core::person::{
    Assurance, Client, Guest, GuestOrigin, GuestState, IdentityKey, InvitationManager, Person,
    SignInRisk,
};

use super::Maker;
use super::directory::RISKS;
use super::place::OWN_TENANT;
use crate::world::Place;

pub(super) const ISSUERS: [&str; 2] = [
    "https://idp.fabrikam.example",
    "https://idp.contoso.example",
];
pub(super) const TENANTS: [&str; 3] = ["t1", "t2", OWN_TENANT];
pub(super) const MANAGERS: [InvitationManager; 2] =
    [InvitationManager::Sharing, InvitationManager::Directory];

impl Maker {
    /// A kind of provider that the tenant's cloud mostly offers.
    pub(super) fn kind_name(&mut self, place: &Place) -> &'static str {
        let kinds = [
            "work-school",
            "work-school",
            "microsoft-account",
            "google",
            "email-otp",
            "saml",
            "openid",
        ];
        let kind = self.random.one(&kinds);
        if place.closed() && self.random.chance(80) {
            "work-school"
        } else {
            kind
        }
    }

    /// The address of somebody from outside who has an account of that kind.
    pub(super) fn outsider(&mut self, kind: &str) -> EmailAddress {
        let pool = Arc::clone(&self.pool);
        match kind {
            "google" => pool.eve.clone(),
            "saml" => pool.ada.clone(),
            _ => self
                .random
                .one(&[&pool.ada, &pool.ada, &pool.bob, &pool.eve])
                .clone(),
        }
    }

    pub(super) fn key(&mut self, place: &Place, kind: &str) -> IdentityKey {
        let work = kind == "work-school";
        IdentityKey {
            cloud: work.then(|| place.tenant.cloud.clone()),
            provider: self.pool.provider.clone(),
            issuer: self.random.one(&ISSUERS).to_owned(),
            tenant: work.then(|| self.random.one(&["t1", "t2"]).to_owned()),
            subject: "subject".to_owned(),
        }
    }

    pub(super) fn person(&mut self, place: &Place, kind: &str) -> Person {
        let ago = self.random.one(&[0, 10, 599, 3_600]);
        Person {
            key: self.key(place, kind),
            kind: self.pool.kind(kind),
            authenticated_at: place.now.plus(-ago),
            assurance: self.assurance(),
        }
    }

    pub(super) fn assurance(&mut self) -> Assurance {
        let risk = self.random.one(&RISKS);
        Assurance {
            mfa_at_home: self.random.flag(),
            mfa_here: self.random.chance(40),
            contexts: self.random.some(&["c1".to_owned(), "c2".to_owned()]),
            compliant_device: self.random.flag(),
            hybrid_device: self.random.flag(),
            risk: self.random.one(&[
                None,
                Some(SignInRisk::None),
                Some(SignInRisk::None),
                Some(SignInRisk::Some(risk)),
            ]),
            terms: self.random.flag(),
        }
    }

    pub(super) fn client(&mut self, place: &Place) -> Client {
        let addresses = ["192.0.2.7", "198.51.100.7", "203.0.113.9", "2001:db8::1"];
        let address = self.random.one(&addresses).parse().ok();
        let last_used = place
            .now
            .plus(-self.random.one(&[0, 10, 599, 600, 3_600, -5]));
        Client {
            address: if self.random.chance(80) {
                address
            } else {
                None
            },
            managed_device: self.random.flag(),
            last_used: if self.random.chance(80) {
                Some(last_used)
            } else {
                None
            },
        }
    }

    /// A guest who has redeemed.
    pub(super) fn guest(&mut self, address: &EmailAddress, identity: IdentityKey) -> Guest {
        let origin = self
            .random
            .one(&[GuestOrigin::Directory, GuestOrigin::Share]);
        let id = self.pool.guest.clone();
        Guest {
            state: GuestState::Accepted,
            identity: Some(identity),
            manager: self.random.one(&MANAGERS),
            mfa_registered: self.random.flag(),
            ..Guest::invited(id, address.clone(), origin)
        }
    }

    /// Another cloud; sometimes none.
    pub(super) fn another_cloud(&mut self) -> Option<CloudName> {
        let cloud = self.random.pick(&Arc::clone(&self.pool).clouds).clone();
        if self.random.chance(85) {
            Some(cloud)
        } else {
            None
        }
    }

    /// Makes an identity one of another cloud or organisation.
    pub(super) fn move_key(&mut self, key: &mut IdentityKey) {
        if self.random.chance(80) {
            key.cloud = self.another_cloud();
        }
        if self.random.chance(50) {
            let tenant = self.random.one(&TENANTS).to_owned();
            key.tenant = if self.random.chance(80) {
                Some(tenant)
            } else {
                None
            };
        }
    }
}
