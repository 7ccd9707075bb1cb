//! Any setting of the tables, with any of its values.

use gateway_core::settings::table::{Setting, Standing};
use gateway_core::settings::value::{Kind, Raw};
use gateway_core::settings::{DirectoryPolicy, SiteSharing, TenantSharing};

use super::Maker;

impl Maker {
    /// Changes one of the tenant's settings.
    pub(super) fn tenant_setting(&mut self, settings: &mut TenantSharing) {
        if let Some((name, value)) = self.setting(TenantSharing::SETTINGS) {
            // A value that is not taken changes nothing, which is a case as well.
            let _ = settings.set(name, &value);
        }
    }

    /// Changes one of the site's.
    pub(super) fn site_setting(&mut self, settings: &mut SiteSharing) {
        if let Some((name, value)) = self.setting(SiteSharing::SETTINGS) {
            let _ = settings.set(name, &value);
        }
    }

    /// Changes one of the directory's. Of its two lists one goes when the other comes.
    pub(super) fn policy_setting(&mut self, policy: &mut DirectoryPolicy) {
        if let Some((name, value)) = self.setting(DirectoryPolicy::SETTINGS) {
            let _ = policy.set(name, &value);
            match name {
                "AllowedDomains" => policy.blocked_domains = None,
                "BlockedDomains" => policy.allowed_domains = None,
                _ => {}
            }
        }
    }

    fn setting(&mut self, table: &'static [Setting]) -> Option<(&'static str, Raw)> {
        let setting = self.random.one(table);
        match setting.standing {
            Standing::Enforced => Some((setting.name, self.value(setting.kind))),
            Standing::Ignored(_) | Standing::Refused(_) => None,
        }
    }

    fn value(&mut self, kind: Kind) -> Raw {
        let pool = std::sync::Arc::clone(&self.pool);
        let random = &mut self.random;
        match kind {
            Kind::Flag => Raw::Flag(random.flag()),
            Kind::Word(words) => Raw::text(random.one(words)),
            Kind::WordOrFlag(words) => {
                if random.flag() {
                    Raw::Flag(random.flag())
                } else {
                    Raw::text(random.one(words))
                }
            }
            Kind::Words(words) => {
                let mut some: Vec<Raw> = Vec::new();
                for _ in 0..words.len() {
                    let word = Raw::text(random.one(words));
                    if random.chance(70) && !some.contains(&word) {
                        some.push(word);
                    }
                }
                Raw::List(some)
            }
            Kind::Number { least, most, zero } => {
                let all = [0, 1, 7, 10, 30, 60, 600, 3_600];
                let fits = |number: &&i64| {
                    let range = i64::from(least)..=i64::from(most);
                    range.contains(*number) || (zero && **number == 0)
                };
                let fitting: Vec<i64> = all.iter().filter(fits).copied().collect();
                Raw::Number(random.one(&fitting))
            }
            Kind::Domains { .. } | Kind::DomainCharacters { .. } => {
                texts(&random.some::<_, Vec<_>>(&pool.domains))
            }
            Kind::Groups { .. } => {
                let mut some: Vec<_> = random.some(&pool.groups);
                some.extend(random.some::<_, Vec<_>>(&pool.agents));
                texts(&some)
            }
            Kind::Ranges => {
                let ranges = ["192.0.2.0/24", "198.51.100.7", "2001:db8::/32"];
                texts(&random.some::<_, Vec<_>>(&ranges))
            }
            Kind::Addresses => texts(&random.some::<_, Vec<_>>(&pool.people)),
            Kind::Text => Raw::text(random.one(&["c1", "c2"])),
        }
    }
}

fn texts<T: ToString>(some: &[T]) -> Raw {
    Raw::List(some.iter().map(|one| Raw::Text(one.to_string())).collect())
}
