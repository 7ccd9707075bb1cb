//! What one decision costs, with few facts and with many.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::hint::black_box;

use criterion::{BatchSize, Criterion};
use gateway_core::action::Action;
use gateway_core::address::{DomainName, EmailAddress};
use gateway_core::cloud::{Cloud, Clouds, EnvironmentBoundary};
use gateway_core::domains::DomainRestriction;
use gateway_core::id::{
    CloudName, GuestId, LinkId, PermissionId, ProviderId, ProviderKind, SiteId, TenantId,
};
use gateway_core::path::{ItemPath, PathCase};
use gateway_core::person::{
    Account, Guest, GuestOrigin, GuestState, IdentityKey, Person, Principal,
};
use gateway_core::policy::{Facts, NoTrace, Question, Recorded, Target, Trace, decide};
use gateway_core::settings::{
    CrossTenantAccess, DirectorySettings, Integration, Partition, SharingCapability, SiteSettings,
    TenantSettings,
};
use gateway_core::sharing::{LinkScope, LinkType, Permission, Recipient, Role, SharingLink};
use gateway_core::time::UnixTime;

const NOW: UnixTime = UnixTime(1_800_000_000);

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default().configure_from_args();
    let world = World::new()?;
    for permissions in [1, 100] {
        let stored = world.permissions(permissions)?;
        let case = world.guest_reads(&stored);
        let group = format!("guest reads, {permissions} permissions");
        measure(&mut criterion, &group, &world, &case, &NoTrace);
        measure(
            &mut criterion,
            &format!("{group}, explained"),
            &world,
            &case,
            &Recorded::default(),
        );
    }
    let links = [world.link()?];
    measure(
        &mut criterion,
        "bearer of a link reads",
        &world,
        &world.bearer_reads(&links),
        &NoTrace,
    );
    measure(
        &mut criterion,
        "nobody reads: challenge",
        &world,
        &world.nobody_reads(),
        &NoTrace,
    );
    criterion.final_summary();
    Ok(())
}

fn measure(
    criterion: &mut Criterion,
    name: &str,
    world: &World,
    case: &Case<'_>,
    trace: &(impl Trace + Clone),
) {
    criterion.bench_function(name, |bencher| {
        bencher.iter_batched(
            || (vec![world.question.clone()], (*trace).clone()),
            |(questions, mut trace)| {
                decide(
                    black_box(&case.principal),
                    questions,
                    black_box(&case.facts),
                    NOW,
                    &mut trace,
                )
            },
            BatchSize::SmallInput,
        );
    });
}

/// Who asks, and what is known.
struct Case<'a> {
    principal: Principal,
    facts: [Facts<'a>; 1],
}

/// A tenant with domain lists and one accepted guest.
struct World {
    clouds: Clouds,
    tenant: TenantSettings,
    site: SiteSettings,
    guest: Guest,
    person: Person,
    question: Question,
}

impl World {
    fn new() -> Result<Self, Box<dyn Error>> {
        let worldwide = CloudName::parse("worldwide")?;
        let key = IdentityKey {
            cloud: Some(worldwide.clone()),
            provider: ProviderId::parse("work-school")?,
            issuer: "https://login.microsoftonline.com/33333333-3333-4333-8333-333333333333/v2.0"
                .to_owned(),
            tenant: Some("33333333-3333-4333-8333-333333333333".to_owned()),
            subject: "ada".to_owned(),
        };
        let kind = ProviderKind::parse("work-school")?;
        Ok(Self {
            clouds: clouds(worldwide.clone(), kind.clone()),
            tenant: tenant(worldwide)?,
            site: site(),
            guest: Guest {
                id: GuestId::parse("ada")?,
                address: EmailAddress::parse("ada@fabrikam.example")?,
                origin: GuestOrigin::Directory,
                state: GuestState::Accepted,
                identity: Some(key.clone()),
                invitation_expires: None,
            },
            person: Person {
                key,
                kind,
                authenticated_at: NOW,
            },
            question: Question {
                target: Target {
                    tenant: TenantId::parse("contoso")?,
                    site: SiteId::parse("projects")?,
                    path: ItemPath::parse("/sites/projects/Shared/Deep/Plan.docx")?,
                    query: None,
                },
                action: Action::View,
            },
        })
    }

    /// All but the last are somebody else's.
    fn permissions(&self, number: usize) -> Result<Vec<Permission>, Box<dyn Error>> {
        let made_by = EmailAddress::parse("mia@contoso.example")?;
        (1..=number)
            .map(|count| {
                let recipient = if count == number {
                    self.guest.address.clone()
                } else {
                    EmailAddress::parse(&format!("guest-{count}@fabrikam.example"))?
                };
                Ok(Permission {
                    id: PermissionId::parse(&format!("p-{count}"))?,
                    site: self.question.target.site.clone(),
                    item: ItemPath::parse("/sites/projects/Shared")?,
                    recipient: Recipient::Address(recipient),
                    role: Role::Read,
                    created_by: made_by.clone(),
                    expires: None,
                })
            })
            .collect()
    }

    fn link(&self) -> Result<SharingLink, Box<dyn Error>> {
        Ok(SharingLink {
            id: LinkId::parse("anyone")?,
            site: self.question.target.site.clone(),
            item: ItemPath::parse("/sites/projects/Shared")?,
            kind: LinkType::View,
            scope: LinkScope::Anonymous,
            created_by: EmailAddress::parse("mia@contoso.example")?,
            created: UnixTime(NOW.0 - 3_600),
            expires: None,
        })
    }

    fn guest_reads<'a>(&'a self, permissions: &'a [Permission]) -> Case<'a> {
        let principal = Principal {
            person: Some(self.person.clone()),
            links: Vec::new(),
        };
        let facts = self.facts(Account::Guest(&self.guest));
        Case {
            principal,
            facts: [Facts {
                permissions: permissions.iter().collect(),
                ..facts
            }],
        }
    }

    fn bearer_reads<'a>(&'a self, links: &'a [SharingLink]) -> Case<'a> {
        let held = links.iter().map(|link| link.id.clone()).collect();
        let facts = self.facts(Account::Unknown);
        Case {
            principal: Principal {
                person: None,
                links: held,
            },
            facts: [Facts {
                links: links.iter().collect(),
                ..facts
            }],
        }
    }

    fn nobody_reads(&self) -> Case<'_> {
        Case {
            principal: Principal::default(),
            facts: [self.facts(Account::Unknown)],
        }
    }

    fn facts<'a>(&'a self, account: Account<'a>) -> Facts<'a> {
        Facts {
            clouds: &self.clouds,
            tenant: &self.tenant,
            site: &self.site,
            account,
            permissions: Vec::new(),
            links: Vec::new(),
        }
    }
}

fn clouds(name: CloudName, kind: ProviderKind) -> Clouds {
    let cloud = Cloud {
        instance: "microsoftonline.com".to_owned(),
        authority: "https://login.microsoftonline.com".to_owned(),
        identity_providers: BTreeSet::from([kind]),
        integration_supported: true,
        restricted: false,
        partner_clouds: BTreeSet::new(),
        consumers: true,
    };
    Clouds(BTreeMap::from([(name, cloud)]))
}

fn tenant(cloud: CloudName) -> Result<TenantSettings, Box<dyn Error>> {
    let open = SharingCapability::ExternalUserAndGuestSharing;
    let blocked: Result<BTreeSet<DomainName>, _> = (0..1_000)
        .map(|number| DomainName::parse(&format!("blocked-{number}.example")))
        .collect();
    Ok(TenantSettings {
        cloud,
        capability: open,
        core_capability: open,
        onedrive_capability: open,
        domains: DomainRestriction::BlockList(blocked?),
        integration: Integration::On,
        boundary: EnvironmentBoundary::Cloud,
        anyone_link_days: Some(30),
        anyone_file_edit: true,
        directory: DirectorySettings {
            domains: DomainRestriction::None,
            email_otp: true,
            tenant_id: Some("11111111-1111-4111-8111-111111111111".to_owned()),
            cross_tenant: CrossTenantAccess::default(),
            domain_homes: BTreeMap::new(),
        },
    })
}

fn site() -> SiteSettings {
    SiteSettings {
        partition: Partition::Core,
        capability: SharingCapability::ExternalUserAndGuestSharing,
        override_partition: false,
        domains: DomainRestriction::None,
        path_case: PathCase::Sensitive,
    }
}
