//! From every cloud into every cloud, with every kind of account.
//!
//! The tables are those of "clouds and identity" A.3 and A.5, cell by cell. Where the document is uncertain (`[?]`), the
//! cell is `no`.

use super::world::{ACCEPTED, World, homes, partner};
use crate::cloud::EnvironmentBoundary;
use crate::settings::Profile;
use crate::testing::{cloud, identity};

/// Clouds that hold documents: the columns.
const TO: [&str; 5] = ["worldwide", "gcc", "gcc-high", "dod", "china-21vianet"];
/// No record of these is shipped: retired, and not yet described.
const UNKNOWN: [&str; 3] = ["germany", "bleu", "elsewhere"];

/// A.5, E, of accounts of the directory. GCC and China is `[?]`: no source names the pair.
const DIRECTORY: [(&str, [&str; 5]); 8] = [
    ("worldwide", ["yes", "yes", "mutual", "mutual", "mutual"]),
    ("gcc", ["yes", "yes", "mutual", "mutual", "no"]),
    ("gcc-high", ["mutual", "mutual", "yes", "yes", "no"]),
    ("dod", ["mutual", "mutual", "yes", "yes", "no"]),
    ("china-21vianet", ["mutual", "no", "no", "no", "yes"]),
    ("germany", ["unknown"; 5]),
    ("bleu", ["unknown"; 5]),
    ("elsewhere", ["unknown"; 5]),
];

/// A.3 and A.5, E, of other accounts. SAML in US Government is `[?]`.
const OTHERS: [(&str, [&str; 5]); 4] = [
    ("microsoft-account", ["yes", "yes", "yes", "yes", "no"]),
    ("google", ["yes", "yes", "yes", "yes", "no"]),
    ("email-otp", ["yes", "yes", "yes", "yes", "no"]),
    ("saml", ["yes", "yes", "no", "no", "yes"]),
];

/// A.5, S: who is inside the environment where the integration is on. `instance` is inside the wider boundary only.
const SHARING: [(&str, [&str; 5]); 6] = [
    ("worldwide", ["yes", "yes", "no", "no", "no"]),
    ("gcc", ["yes", "yes", "no", "no", "no"]),
    ("gcc-high", ["yes", "yes", "yes", "instance", "no"]),
    ("dod", ["yes", "yes", "instance", "yes", "no"]),
    ("china-21vianet", ["yes", "yes", "no", "no", "yes"]),
    // Accounts that live in no cloud have no environment.
    ("", ["yes", "yes", "no", "no", "no"]),
];

fn cell(table: &[(&'static str, [&'static str; 5])], from: &str, to: &str) -> &'static str {
    let column = TO.iter().position(|one| *one == to).unwrap();
    let row = table.iter().find(|(one, _)| *one == from).unwrap();
    row.1[column]
}

/// How far the tenants have opened the way between their clouds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Opened {
    Not,
    Ticked,
    Added,
    Ready,
}

const OPENED: [Opened; 4] = [Opened::Not, Opened::Ticked, Opened::Added, Opened::Ready];

#[derive(Clone, Copy, Debug)]
struct Setting {
    to: &'static str,
    integration: bool,
    boundary: EnvironmentBoundary,
    opened: Opened,
}

impl Setting {
    fn all() -> impl Iterator<Item = Self> {
        use EnvironmentBoundary::{Cloud, Instance};
        let each = |to| {
            [true, false].into_iter().flat_map(move |integration| {
                [Cloud, Instance].into_iter().flat_map(move |boundary| {
                    OPENED.into_iter().map(move |opened| Self {
                        to,
                        integration,
                        boundary,
                        opened,
                    })
                })
            })
        };
        TO.into_iter().flat_map(each)
    }

    /// A tenant of the cloud, with everything that can be set up set up, and the way opened to `from`.
    fn world(self, from: Option<&str>) -> World {
        World::new()
            .profile(Profile::IntegrationOptIn)
            .integration(self.integration)
            .with(|world| {
                world.tenant.cloud = cloud(self.to);
                world.tenant.acknowledge_unsupported = true;
                world.tenant.boundary = self.boundary;
                world.tenant.directory.google = true;
                let Some(from) = from else {
                    return;
                };
                let access = &mut world.tenant.directory.cross_tenant;
                if self.opened != Opened::Not {
                    access.clouds = homes(&[from]);
                }
                if matches!(self.opened, Opened::Added | Opened::Ready) {
                    let mut partner = partner(from);
                    partner.reciprocated = self.opened == Opened::Ready;
                    access.partners.insert("t".to_owned(), partner);
                }
            })
            .federated()
    }

    fn inside(self, from: &str) -> bool {
        !self.integration
            || match cell(&SHARING, from, self.to) {
                "yes" => true,
                "instance" => self.boundary == EnvironmentBoundary::Instance,
                _ => false,
            }
    }

    /// What the home of an address alone refuses.
    fn home_refuses(self, from: &str) -> Option<&'static str> {
        match (cell(&DIRECTORY, from, self.to), self.opened) {
            ("unknown", _) => Some("deny cloud-unknown"),
            ("no", _) | ("mutual", Opened::Not) => Some("deny cloud-not-allowed"),
            ("mutual" | "yes", _) => None,
            (other, _) => panic!("{other}"),
        }
    }

    /// What becomes of a work account of `from`.
    fn of_directory(self, from: &str) -> &'static str {
        let waiting = match (cell(&DIRECTORY, from, self.to), self.opened) {
            ("mutual", Opened::Ticked) => Some("deny partner-not-added"),
            ("mutual", Opened::Added) => Some("deny partner-not-ready"),
            _ => None,
        };
        match self.home_refuses(from).or(waiting) {
            Some(refused) => refused,
            None if !self.inside(from) => "deny outside-environment",
            None => ACCEPTED,
        }
    }

    /// What becomes of an account of another kind, whose address's domain lives in `home`, if that is known.
    fn of_other(self, kind: &str, home: Option<&str>) -> &'static str {
        match home.and_then(|home| self.home_refuses(home)) {
            Some(refused) => refused,
            None if !self.inside("") => "deny outside-environment",
            None if cell(&OTHERS, kind, self.to) == "no" => "deny provider-not-offered",
            None => ACCEPTED,
        }
    }
}

fn live_in(world: World, clouds: &[&str]) -> World {
    world.with(|world| {
        let domain = world.invited.domain().clone();
        let homes = homes(clouds);
        world.tenant.directory.domain_homes.insert(domain, homes);
    })
}

#[test]
fn work_accounts_of_every_cloud_in_every_cloud() {
    let mut cells = 0;
    for setting in Setting::all() {
        for (from, _) in DIRECTORY {
            let world = setting.world(Some(from)).of_cloud(from);
            let want = setting.of_directory(from);
            assert_eq!(world.after(), want, "{from} {setting:?}");
            // Knowing where the domain lives changes nothing for those who come from there.
            assert_eq!(live_in(world, &[from]).after(), want, "{from} {setting:?}");
            cells += 1;
        }
    }
    assert_eq!(cells, 8 * 5 * 2 * 2 * 4);
}

#[test]
fn work_accounts_of_every_cloud_are_sent_home_to_sign_in_where_they_may() {
    for setting in Setting::all() {
        for (from, _) in DIRECTORY {
            let world = setting
                .world(Some(from))
                .with(|world| world.home.clouds = homes(&[from]));
            let want = match setting.home_refuses(from) {
                Some(refused) => refused,
                None if !setting.inside(from) => "deny outside-environment",
                None => "sign-in work-school",
            };
            assert_eq!(world.before(), want, "{from} {setting:?}");
        }
    }
}

#[test]
fn other_accounts_from_everywhere_in_every_cloud() {
    let mut cells = 0;
    let nowhere = std::iter::once(None);
    let somewhere = DIRECTORY.iter().map(|(from, _)| Some(*from));
    let everywhere: Vec<_> = nowhere.chain(somewhere).collect();
    for setting in Setting::all() {
        for home in &everywhere {
            for (kind, _) in OTHERS {
                let mut world = setting.world(*home).by(kind);
                if let Some(home) = home {
                    world = live_in(world, &[home]);
                }
                let want = setting.of_other(kind, *home);
                assert_eq!(world.after(), want, "{kind} {home:?} {setting:?}");
                cells += 1;
            }
        }
    }
    assert_eq!(cells, 9 * 4 * 5 * 2 * 2 * 4);
}

#[test]
fn tenants_of_clouds_that_are_not_described_take_nobody() {
    for to in UNKNOWN {
        for (from, _) in DIRECTORY {
            let of_cloud = |name: &str| {
                World::new()
                    .of_cloud(name)
                    .with(|world| world.tenant.cloud = cloud(to))
            };
            of_cloud(from).check_after("deny cloud-unknown");
            of_cloud(to).check_after("deny cloud-unknown");
            of_cloud(from)
                .with(|world| world.home.clouds = homes(&[from]))
                .check_before("deny cloud-unknown");
            of_cloud(from).redeemed().check_after("deny cloud-unknown");
        }
        for (kind, _) in OTHERS {
            let world = World::new().by(kind).federated();
            let world = world.with(|world| world.tenant.cloud = cloud(to));
            world.check_after("deny cloud-unknown");
            world.check_before("deny cloud-unknown");
        }
    }
}

#[test]
fn a_forbidden_home_is_forbidden_whatever_vouches_for_the_address() {
    for (to, home) in [
        ("worldwide", "dod"),
        ("worldwide", "gcc-high"),
        ("gcc", "china-21vianet"),
        ("gcc-high", "china-21vianet"),
        ("dod", "china-21vianet"),
        ("china-21vianet", "gcc"),
    ] {
        for name in ["microsoft-account", "google", "email-otp", "saml", "openid"] {
            let by = |name: &str| {
                let world = World::new().integration(false).by(name).federated();
                live_in(world, &[home]).with(|world| {
                    world.tenant.cloud = cloud(to);
                    world.tenant.directory.google = true;
                })
            };
            by(name).check_after("deny cloud-not-allowed");
            by(name).redeemed().check_after("deny cloud-not-allowed");
            by(name).check_before("deny cloud-not-allowed");
            by(name).redeemed().check_before("deny cloud-not-allowed");
        }
        // Nor with a work account of the tenant's own cloud.
        let own = World::new().integration(false).with(|world| {
            world.tenant.cloud = cloud(to);
            world.person.key = identity(to);
        });
        live_in(own, &[home]).check_after("deny cloud-not-allowed");
    }
}

/// From strict to loose.
const STRICTNESS: [&str; 7] = [
    "deny cloud-unknown",
    "deny cloud-not-allowed",
    "deny outside-environment",
    "deny provider-not-offered",
    "sign-in work-school",
    "sign-in email-otp",
    ACCEPTED,
];

fn strictest(one: String, other: String) -> String {
    let strictness = |text: &String| STRICTNESS.iter().position(|one| one == text).unwrap();
    if strictness(&one) <= strictness(&other) {
        one
    } else {
        other
    }
}

#[test]
fn of_two_homes_the_stricter_counts() {
    for setting in Setting::all() {
        for (one, _) in DIRECTORY {
            for (other, _) in DIRECTORY {
                let world = |clouds: &[&str]| {
                    setting.world(None).by("email-otp").with(|world| {
                        let all = DIRECTORY.map(|(from, _)| from);
                        if setting.opened != Opened::Not {
                            world.tenant.directory.cross_tenant.clouds = homes(&all);
                        }
                        world.home.clouds = homes(clouds);
                    })
                };
                let by_domain = |clouds: &[&str]| live_in(world(&[]), clouds).after();
                assert_eq!(
                    by_domain(&[one, other]),
                    strictest(by_domain(&[one]), by_domain(&[other])),
                    "{one} {other} {setting:?}"
                );
                let by_account = |clouds: &[&str]| world(clouds).before();
                assert_eq!(
                    by_account(&[one, other]),
                    strictest(by_account(&[one]), by_account(&[other])),
                    "{one} {other} {setting:?}"
                );
            }
        }
    }
}
