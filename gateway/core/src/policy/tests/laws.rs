//! Laws that hold in every world, checked over generated ones.

use proptest::prelude::*;

use super::world::{NOW, World, link, permission, world};
use super::*;
use crate::domains::DomainRestriction;
use crate::person::GuestState;
use crate::settings::{Integration, SharingCapability};
use crate::sharing::{LinkScope, LinkType, Role};
use crate::testing::{address, cloud, domains, identity};

/// Something an administrator does to share less.
#[derive(Clone, Copy, Debug)]
enum Tightening {
    LowerTenant,
    LowerPartition,
    LowerSite,
    ForbidOverride,
    BlockDomain,
    BlockDomainAtSite,
    BlockGuest,
    RemoveGuest,
    RemovePermissions,
    RemoveLinks,
    ExpireEverything,
    ShortenAnyoneLinks,
    AnyoneLinksViewOnly,
    UntickClouds,
    DomainHomesElsewhere,
}

const TIGHTENINGS: [Tightening; 15] = [
    Tightening::LowerTenant,
    Tightening::LowerPartition,
    Tightening::LowerSite,
    Tightening::ForbidOverride,
    Tightening::BlockDomain,
    Tightening::BlockDomainAtSite,
    Tightening::BlockGuest,
    Tightening::RemoveGuest,
    Tightening::RemovePermissions,
    Tightening::RemoveLinks,
    Tightening::ExpireEverything,
    Tightening::ShortenAnyoneLinks,
    Tightening::AnyoneLinksViewOnly,
    Tightening::UntickClouds,
    Tightening::DomainHomesElsewhere,
];

fn lower(level: SharingCapability) -> SharingCapability {
    let below = SharingCapability::ALL
        .into_iter()
        .rev()
        .find(|other| *other < level);
    below.unwrap_or(SharingCapability::Disabled)
}

fn tighten(world: &mut World, how: Tightening) {
    let block = || DomainRestriction::BlockList(domains(&["fabrikam.example"]));
    match how {
        Tightening::LowerTenant => world.tenant.capability = lower(world.tenant.capability),
        Tightening::LowerPartition => {
            world.tenant.core_capability = lower(world.tenant.core_capability);
        }
        Tightening::LowerSite => world.site.capability = lower(world.site.capability),
        Tightening::ForbidOverride => world.site.override_partition = false,
        Tightening::BlockDomain => world.tenant.domains = block(),
        Tightening::BlockDomainAtSite => world.site.domains = block(),
        Tightening::BlockGuest => world.guest.state = GuestState::Blocked,
        Tightening::RemoveGuest => world.known = world.member,
        Tightening::RemovePermissions => world.permissions.clear(),
        Tightening::RemoveLinks => world.links.clear(),
        Tightening::ExpireEverything => {
            world
                .permissions
                .iter_mut()
                .for_each(|permission| permission.expires = Some(NOW));
            world
                .links
                .iter_mut()
                .for_each(|link| link.expires = Some(NOW));
        }
        Tightening::ShortenAnyoneLinks => world.tenant.anyone_link_days = Some(1),
        Tightening::AnyoneLinksViewOnly => world.tenant.anyone_file_edit = false,
        Tightening::UntickClouds => world.tenant.directory.cross_tenant.clouds.clear(),
        Tightening::DomainHomesElsewhere => {
            let domain = world.guest.address.domain().clone();
            world
                .tenant
                .directory
                .domain_homes
                .insert(domain, [cloud("dod")].into());
        }
    }
}

fn any_level() -> impl Strategy<Value = SharingCapability> {
    prop::sample::select(SharingCapability::ALL.to_vec())
}

fn any_link() -> impl Strategy<Value = SharingLink> {
    let scopes = vec![
        LinkScope::Anonymous,
        LinkScope::Organization,
        LinkScope::Users([address("ada@fabrikam.example")].into()),
    ];
    let kinds = vec![LinkType::View, LinkType::Edit, LinkType::CreateOnly];
    (prop::sample::select(scopes), prop::sample::select(kinds))
        .prop_map(|(scope, kind)| link(scope, kind))
}

prop_compose! {
    fn any_world()(
        levels in (any_level(), any_level(), any_level()),
        flags in prop::array::uniform6(any::<bool>()),
        home in prop::sample::select(vec!["worldwide", "gcc", "gcc-high", "dod", "china-21vianet", "bleu"]),
        tenant_cloud in prop::sample::select(vec!["worldwide", "gcc-high", "bleu"]),
        role in prop::option::of(prop::sample::select(vec![Role::Read, Role::Write])),
        link in prop::option::of(any_link()),
        action in prop::sample::select(Action::ALL.to_vec()),
    ) -> World {
        let [member, signed_in, shown, override_partition, integration, ticked] = flags;
        let mut world = world();
        (world.tenant.capability, world.tenant.core_capability, world.site.capability) = levels;
        world.site.override_partition = override_partition;
        world.tenant.cloud = cloud(tenant_cloud);
        world.tenant.integration = if integration { Integration::On } else { Integration::Off };
        if ticked {
            world.tenant.directory.cross_tenant.clouds = [cloud(home)].into();
        }
        world.member = member;
        world.guest.identity = Some(identity(home));
        world.permissions = role.map(|role| permission("/sites/p", role)).into_iter().collect();
        world.principal.links = link.iter().filter(|_| shown).map(|link| link.id.clone()).collect();
        world.links = link.into_iter().collect();
        match &mut world.principal.person {
            Some(person) if signed_in => person.key = identity(home),
            person => *person = None,
        }
        world.action = action;
        world
    }
}

fn allows(world: &World) -> bool {
    matches!(world.decide(&mut NoTrace), Decision::Allow(_))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn tightening_never_lets_anybody_in(mut world in any_world(), how in prop::sample::select(TIGHTENINGS.to_vec())) {
        let before = allows(&world);
        tighten(&mut world, how);
        prop_assert!(before || !allows(&world), "{how:?}");
    }

    #[test]
    fn listening_does_not_change_the_answer(world in any_world()) {
        let (alone, heard) = (world.decide(&mut NoTrace), world.decide(&mut Recorded::default()));
        prop_assert_eq!(alone, heard);
    }

    #[test]
    fn sec_207_with_sharing_off_no_outsider_comes_in_by_any_way(mut world in any_world()) {
        world.tenant.capability = SharingCapability::Disabled;
        let insider = world.member && world.principal.person.is_some();
        prop_assert!(insider || !allows(&world));
    }

    #[test]
    fn an_unknown_cloud_admits_no_outsider(mut world in any_world()) {
        world.tenant.cloud = cloud("bleu");
        let insider = world.member && world.principal.person.is_some();
        prop_assert!(insider || !allows(&world));
    }
}
