//! Tenants of every Microsoft 365 cloud, and the odd ones.

use serde::{Deserialize, Serialize};

use super::{Cloud, Organisation, Person, World};

/// A Microsoft 365 cloud. Worldwide and GCC share an Entra, and so do GCC High and DoD: only the region of the tenant
/// tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// `worldwide`.
    Worldwide,
    /// `gcc`.
    Gcc,
    /// `gcc-high`.
    GccHigh,
    /// `dod`.
    Dod,
    /// `china`.
    China,
}

impl Environment {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Worldwide,
        Self::Gcc,
        Self::GccHigh,
        Self::Dod,
        Self::China,
    ];

    /// The cloud whose Entra signs its people in.
    #[must_use]
    pub const fn cloud(self) -> Cloud {
        match self {
            Self::Worldwide | Self::Gcc => Cloud::Worldwide,
            Self::GccHigh | Self::Dod => Cloud::UsGovernment,
            Self::China => Cloud::China,
        }
    }

    /// `tenant_region_scope` and `tenant_region_sub_scope` of its tenants.
    const fn region(self) -> (Option<&'static str>, Option<&'static str>) {
        match self {
            Self::Worldwide => (Some("EU"), None),
            Self::Gcc => (Some("NA"), Some("GCC")),
            Self::GccHigh => (Some("USGov"), Some("DODCON")),
            Self::Dod => (Some("USGov"), Some("DOD")),
            Self::China => (None, None),
        }
    }
}

impl Organisation {
    /// A tenant of that environment.
    #[must_use]
    pub fn of(environment: Environment, tenant_id: &str, name: &str, domain: &str) -> Self {
        let (scope, sub_scope) = environment.region();
        Self {
            tenant_id: tenant_id.to_owned(),
            name: name.to_owned(),
            cloud: environment.cloud(),
            domains: vec![domain.to_owned()],
            region_scope: scope.map(str::to_owned),
            region_sub_scope: sub_scope.map(str::to_owned),
        }
    }
}

/// Tenant id, name, domain and person of each environment.
const EVERY: [(Environment, &str, &str, &str, &str); 5] = [
    (
        Environment::Worldwide,
        "c1000000-0000-4000-8000-000000000001",
        "Relecloud",
        "relecloud.example",
        "pia",
    ),
    (
        Environment::Gcc,
        "c1000000-0000-4000-8000-000000000002",
        "The City",
        "city.example",
        "gus",
    ),
    (
        Environment::GccHigh,
        "c1000000-0000-4000-8000-000000000003",
        "The Contractor",
        "contractor.example",
        "hal",
    ),
    (
        Environment::Dod,
        "c1000000-0000-4000-8000-000000000004",
        "The Base",
        "base.example",
        "dot",
    ),
    (
        Environment::China,
        "c1000000-0000-4000-8000-000000000005",
        "Nianhua",
        "nianhua.example",
        "ning",
    ),
];

/// The id that two tenants of different clouds share.
pub const TWIN_TENANT: &str = "c2000000-0000-4000-8000-000000000000";
/// The domain that two tenants of different clouds have verified.
pub const TWIN_DOMAIN: &str = "twin.example";

impl World {
    /// The same world and more: a tenant with one person in each environment; a domain verified in two clouds
    /// ([`TWIN_DOMAIN`]), a tenant id that exists in two ([`TWIN_TENANT`]), and a US Government tenant that
    /// collaborates with nobody (`alone.example`).
    #[must_use]
    pub fn with_every_cloud(mut self) -> Self {
        for (environment, id, name, domain, person) in EVERY {
            let organisation = Organisation::of(environment, id, name, domain);
            self.settle(organisation, person);
        }
        let number = |last: u8| format!("c3000000-0000-4000-8000-00000000000{last}");
        let (worldwide, us) = (Environment::Worldwide, Environment::GccHigh);
        let twins = [
            (
                Organisation::of(worldwide, &number(1), "Twin", TWIN_DOMAIN),
                "tom",
            ),
            (
                Organisation::of(Environment::China, &number(2), "Twin of China", TWIN_DOMAIN),
                "tong",
            ),
            (
                Organisation::of(worldwide, TWIN_TENANT, "Id", "id-worldwide.example"),
                "wes",
            ),
            (
                Organisation::of(us, TWIN_TENANT, "Id of the US", "id-us.example"),
                "una",
            ),
        ];
        for (organisation, person) in twins {
            self.settle(organisation, person);
        }
        let mut alone = Organisation::of(us, &number(3), "Alone", "alone.example");
        alone.region_scope = Some("USG".to_owned());
        self.settle(alone, "ivo");
        self
    }

    fn settle(&mut self, organisation: Organisation, person: &str) {
        let domain = organisation.domains.first().cloned().unwrap_or_default();
        let address = format!("{person}@{domain}");
        let mut initial = person.chars();
        let name: String = initial
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .chain(initial)
            .collect();
        self.people
            .push(Person::work_or_school(&address, &name, &organisation));
        self.organisations.push(organisation);
    }
}
