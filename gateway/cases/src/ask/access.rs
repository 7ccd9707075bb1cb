//! May this person do this to that item?

use core::net::IpAddr;
use std::sync::Arc;

use gateway_core::action::Action;
use gateway_core::address::EmailAddress;
use gateway_core::id::{LinkId, ProviderKind, TenantId};
use gateway_core::index::{Guests, LinkIndex, Permissions, Snapshot, gather};
use gateway_core::person::{self, Assurance, Client, IdentityKey, Person, Principal, SignInRisk};
use gateway_core::policy::{self, Question, Recorded, Target};
use gateway_core::settings::directory::Risk;
use gateway_core::sharing::ItemFacts;

use super::World;
use crate::answer::Told;
use crate::problem::At;
use crate::read;
use crate::wire;

/// What the directory knows about who asks.
enum Account {
    Nobody,
    Guest(String),
    Member(EmailAddress),
    AdHoc(EmailAddress),
    Unknown,
}

pub(super) struct Asked {
    principal: Principal,
    account: Account,
    item: ItemFacts,
    action: Action,
}

pub(super) fn read(at: &At<'_>, given: &wire::Access, world: &World) -> Option<Asked> {
    let by = at.key("by");
    let account = match &given.by {
        None => Account::Nobody,
        Some(wire::Account::Guest(name)) if world.guests.contains_key(name) => {
            Account::Guest(name.clone())
        }
        Some(wire::Account::Guest(name)) => {
            by.error(format!("`{name}` is none of `guests`"));
            return None;
        }
        Some(wire::Account::Member(text)) => Account::Member(read::address(&by, text)?),
        Some(wire::Account::AdHoc(text)) => Account::AdHoc(read::address(&by, text)?),
        Some(wire::Account::Unknown(text)) => {
            read::address(&by, text)?;
            Account::Unknown
        }
    };
    let actions = Action::ALL.map(|action| (action.name(), action));
    let action = given.action.as_deref().unwrap_or("view");
    let links = given.links.iter().enumerate();
    let links: Vec<LinkId> = links
        .filter_map(|(index, name)| read::id(&at.key("links").index(index), name, LinkId::parse))
        .collect();
    let item = at.key("item");
    // All of them are read before the first that is wrong ends it.
    let person = person(
        &at.key("signed_in"),
        &account,
        given.signed_in.as_ref(),
        world,
    );
    let client = client(&at.key("client"), &given.client, world);
    let kind = read::item_kind(&item.key("kind"), given.item.kind.as_deref());
    let scan = read::scan(&item.key("scan"), given.item.scan.as_deref());
    let action = read::word(&at.key("action"), action, &actions);
    Some(Asked {
        principal: Principal {
            person,
            links,
            address_proven: given.address_proven,
            client: client?,
        },
        account,
        item: ItemFacts {
            kind: kind?,
            scan: scan?,
        },
        action: action?,
    })
}

fn client(at: &At<'_>, given: &wire::Client, world: &World) -> Option<Client> {
    let address = match given.address.as_deref() {
        None => None,
        Some(text) => {
            let wrong = format!("`{text}` is no network address");
            Some(
                at.key("address")
                    .ok(text.parse::<IpAddr>().map_err(|_| wrong))?,
            )
        }
    };
    let last = given.last_used.as_deref().unwrap_or("+0s");
    Some(Client {
        address,
        managed_device: given.managed_device,
        last_used: read::when(&at.key("last_used"), Some(last), world.now),
    })
}

fn person(
    at: &At<'_>,
    account: &Account,
    given: Option<&wire::SignedIn>,
    world: &World,
) -> Option<Person> {
    let nothing = wire::SignedIn::default();
    let (own, kind) = match account {
        Account::Nobody => {
            if given.is_some() {
                at.error("tells of a sign-in, and `by` names nobody");
            }
            return None;
        }
        Account::Guest(name) => {
            let known = world.guests.get(name)?;
            (Some(known), known.kind.as_str())
        }
        Account::Member(_) => (None, "work-school"),
        Account::AdHoc(_) => (None, "email-otp"),
        Account::Unknown => (None, "work-school"),
    };
    let given = given.unwrap_or(&nothing);
    let kind = given.kind.as_deref().unwrap_or(kind);
    let kind = read::id(&at.key("kind"), kind, ProviderKind::parse)?;
    // Who signs in with another kind of provider than the guest's signs in with another account.
    let mut key = match own.filter(|known| known.kind == kind) {
        Some(known) => known.account.clone(),
        None => unbound(at, account, &kind, world)?,
    };
    if let Some(cloud) = given.cloud.as_deref() {
        key.cloud = read::account_cloud(&at.key("cloud"), Some(cloud), &kind);
    }
    if let Some(tenant) = &given.tenant {
        key.tenant = Some(tenant.to_lowercase());
    }
    if let Some(subject) = &given.subject {
        key.subject.clone_from(subject);
    }
    let risks = [
        ("none", SignInRisk::None),
        ("low", SignInRisk::Some(Risk::Low)),
        ("medium", SignInRisk::Some(Risk::Medium)),
        ("high", SignInRisk::Some(Risk::High)),
    ];
    let risk = given.risk.as_deref();
    let signed_in = given.at.as_deref().unwrap_or("+0s");
    Some(Person {
        key,
        kind,
        authenticated_at: read::when(&at.key("at"), Some(signed_in), world.now)?,
        assurance: Assurance {
            mfa_at_home: given.mfa_at_home,
            mfa_here: given.mfa_here,
            contexts: given.contexts.iter().cloned().collect(),
            compliant_device: given.compliant_device,
            hybrid_device: given.hybrid_device,
            risk: risk.and_then(|risk| read::word(&at.key("risk"), risk, &risks)),
            terms: given.terms,
        },
    })
}

/// The account of somebody who redeemed nothing.
fn unbound(
    at: &At<'_>,
    account: &Account,
    kind: &ProviderKind,
    world: &World,
) -> Option<IdentityKey> {
    let member = matches!(account, Account::Member(_));
    Some(IdentityKey {
        cloud: if member {
            Some(world.tenant.cloud.clone())
        } else {
            read::account_cloud(at, None, kind)
        },
        provider: read::provider(kind)?,
        issuer: format!("https://issuer.example/{}", kind.as_str()),
        tenant: if member {
            world.tenant.directory.tenant_id.clone()
        } else {
            read::account_tenant(None, kind)
        },
        subject: "somebody".to_owned(),
    })
}

impl Asked {
    fn account<'a>(&'a self, world: &'a World) -> person::Account<'a> {
        match &self.account {
            Account::Nobody | Account::Unknown => person::Account::Unknown,
            Account::Guest(name) => world
                .guests
                .get(name)
                .map_or(person::Account::Unknown, |known| {
                    person::Account::Guest(&known.guest)
                }),
            Account::Member(address) => person::Account::Member {
                address: Some(address),
            },
            Account::AdHoc(address) => person::Account::AdHoc { address },
        }
    }

    pub(super) fn answer(&self, world: &World) -> Told {
        let Ok(tenant) = TenantId::parse("contoso") else {
            return Told::nothing("access");
        };
        let question = Question {
            target: Target {
                tenant,
                site: world.site.clone(),
                path: world.item.clone(),
                query: None,
            },
            action: self.action,
        };
        let guests = world.guests.values().map(|known| known.guest.clone());
        let snapshot = Snapshot {
            clouds: &world.clouds,
            tenant: &world.tenant,
            site: &world.site_settings,
            groups: &world.groups,
            permissions: &Permissions::new(world.permissions.iter().cloned()),
            links: &LinkIndex::new(world.links.iter().cloned()),
            guests: &guests.collect::<Guests>(),
        };
        // The case says who it is.
        let account = |_| self.account(world);
        let facts = gather(
            snapshot,
            &self.principal,
            account,
            &question.target,
            self.item,
        );
        let mut trace = Recorded::default();
        let questions: Arc<[Question]> = Arc::from([question]);
        let decision = policy::decide(&self.principal, questions, &[facts], world.now, &mut trace);
        Told::access(&decision, &trace)
    }
}
