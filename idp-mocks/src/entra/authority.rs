//! The first segment of every path: which tenant, or which kind of account.

use crate::service::Service;
use crate::world::{Account, CONSUMER_TENANT, Cloud, Organisation, Person, World};

/// Who an authority stands for.
#[derive(Clone, Debug)]
pub(super) enum Authority {
    /// One tenant, asked for by id or by verified domain.
    Tenant(Organisation),
    /// Every tenant of the cloud.
    Organizations,
    /// Every tenant of the cloud, and in the worldwide cloud every Microsoft account.
    Common,
    /// Every Microsoft account; worldwide only.
    Consumers,
}

impl Authority {
    /// The authority that `segment` names in `cloud`.
    pub(super) fn find(segment: &str, cloud: Cloud, world: &World) -> Option<Self> {
        match segment {
            "organizations" => return Some(Self::Organizations),
            "common" => return Some(Self::Common),
            "consumers" | CONSUMER_TENANT => {
                return (cloud == Cloud::Worldwide).then_some(Self::Consumers);
            }
            _ => {}
        }
        let here = world.organisation(cloud, segment);
        // The worldwide hosts also describe tenants of the US Government cloud: an answer there does not
        // make a tenant a commercial one.
        let elsewhere = || match cloud {
            Cloud::Worldwide => world.organisation(Cloud::UsGovernment, segment),
            Cloud::UsGovernment | Cloud::China => None,
        };
        here.or_else(elsewhere).cloned().map(Self::Tenant)
    }

    /// Whose switches and keys count.
    pub(super) fn service(&self, cloud: Cloud) -> Service {
        match self {
            Self::Consumers => Service::MicrosoftAccount,
            Self::Tenant(_) | Self::Organizations | Self::Common => Service::entra(cloud),
        }
    }

    /// Everybody who can sign in here.
    pub(super) fn people(&self, cloud: Cloud, world: &World) -> Vec<Person> {
        world
            .people
            .iter()
            .filter(|person| self.admits(cloud, &person.account))
            .cloned()
            .collect()
    }

    /// Heading of the page.
    pub(super) fn title(&self, cloud: Cloud) -> String {
        let place = match cloud {
            Cloud::Worldwide => "Microsoft",
            Cloud::UsGovernment => "Microsoft, US Government cloud",
            Cloud::China => "Microsoft, China cloud",
        };
        match self {
            Self::Tenant(organisation) => format!("{place}: {}", organisation.name),
            Self::Organizations => format!("{place}: work or school account"),
            Self::Common => format!("{place}: any account"),
            Self::Consumers => "Microsoft account".to_owned(),
        }
    }

    fn admits(&self, cloud: Cloud, account: &Account) -> bool {
        match account {
            Account::WorkOrSchool {
                cloud: home,
                tenant_id,
                ..
            } => {
                *home == cloud
                    && match self {
                        Self::Tenant(organisation) => organisation.tenant_id == *tenant_id,
                        Self::Organizations | Self::Common => true,
                        Self::Consumers => false,
                    }
            }
            Account::Microsoft { .. } => match self {
                Self::Common => cloud == Cloud::Worldwide,
                Self::Consumers => true,
                Self::Tenant(_) | Self::Organizations => false,
            },
            Account::Google { .. } | Account::Saml { .. } | Account::None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::demo;

    fn check(segment: &str, cloud: Cloud, want: Option<&[&str]>) {
        let world = demo();
        let people = Authority::find(segment, cloud, &world).map(|authority| {
            let people = authority.people(cloud, &world);
            people
                .iter()
                .map(|person| person.name.clone())
                .collect::<Vec<_>>()
        });
        let people = people
            .as_ref()
            .map(|names| names.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(people.as_deref(), want, "{segment} in {cloud:?}");
    }

    #[test]
    fn an_authority_admits_its_own_people_only() {
        check(
            "fabrikam.example",
            Cloud::Worldwide,
            Some(&["Ada", "Bob", "Nel"]),
        );
        check(
            "33333333-3333-4333-8333-333333333333",
            Cloud::Worldwide,
            Some(&["Ada", "Bob", "Nel"]),
        );
        check(
            "organizations",
            Cloud::Worldwide,
            Some(&["Mia", "Gus", "Wim", "Ada", "Bob", "Nel", "Eve"]),
        );
        check(
            "common",
            Cloud::Worldwide,
            Some(&["Mia", "Gus", "Wim", "Ada", "Bob", "Nel", "Eve", "Oli"]),
        );
        check("consumers", Cloud::Worldwide, Some(&["Oli"]));
        check("common", Cloud::UsGovernment, Some(&["Sam"]));
        check("consumers", Cloud::UsGovernment, None);
        check("fabrikam.example", Cloud::China, None);
        check("agency.example", Cloud::Worldwide, Some(&[]));
        check("lanhua.example", Cloud::Worldwide, None);
    }
}
