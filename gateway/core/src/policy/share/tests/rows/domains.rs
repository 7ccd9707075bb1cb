//! Domain lists: rows 27 to 49.

use super::*;

#[test]
fn row_27_a_domain_outside_the_tenants_allow_list_is_refused_and_audited() {
    let world = newcomer().with(|world| {
        world.tenant.sharing.domain_mode = Mode::AllowList;
        world.tenant.sharing.allowed_domains = list(&["fabrikam.com"]);
    });
    refuses(&world, "deny domain-not-allowed", "OSE401");
    audits_blocked(&world);
}

#[test]
fn row_28_a_domain_on_the_tenants_block_list_is_refused_and_audited() {
    let world = newcomer().with(block_contoso);
    refuses(&world, "deny domain-blocked", "OSE402");
    audits_blocked(&world);
}

fn block_contoso(world: &mut World) {
    world.tenant.sharing.domain_mode = Mode::BlockList;
    world.tenant.sharing.blocked_domains = list(&["contoso.com"]);
}

#[test]
fn row_29_a_domain_outside_the_sites_allow_list_is_refused() {
    let world = newcomer().with(|world| {
        world.site.sharing.domain_mode = Mode::AllowList;
        world.site.sharing.allowed_domains = list(&["fabrikam.com"]);
    });
    refuses(&world, "deny site-domain-not-allowed", "OSE403");
    audits_blocked(&world);
}

#[test]
fn row_31_a_block_list_admits_all_others() {
    grant([new("x@fabrikam.com")])
        .with(block_contoso)
        .check("allow");
}

#[test]
fn row_32_a_guest_of_a_blocked_domain_is_shared_with_and_stopped_at_access() {
    known().with(block_contoso).check("allow");
}

#[test]
fn row_33_the_sites_part_of_the_allow_list_counts() {
    let world = grant([new("y@b.com")]).with(|world| {
        world.tenant.sharing.domain_mode = Mode::AllowList;
        world.tenant.sharing.allowed_domains = list(&["a.com", "b.com"]);
        world.site.sharing.domain_mode = Mode::AllowList;
        world.site.sharing.allowed_domains = list(&["a.com"]);
    });
    refuses(&world, "deny site-domain-not-allowed", "OSE403");
}

fn blocked_here_allowed_there(blocked: &str, allowed: &str) -> impl FnOnce(&mut World) {
    move |world| {
        world.tenant.sharing.domain_mode = Mode::BlockList;
        world.tenant.sharing.blocked_domains = list(&[blocked]);
        world.site.sharing.domain_mode = Mode::AllowList;
        world.site.sharing.allowed_domains = list(&[allowed]);
    }
}

#[test]
fn row_35_the_tenants_list_wins_over_the_sites() {
    let world = grant([new("u@x.com")]).with(blocked_here_allowed_there("x.com", "x.com"));
    refuses(&world, "deny domain-blocked", "OSE402");
}

#[test]
fn row_36_both_lists_must_let_pass() {
    let world = grant([new("u@z.com")]).with(blocked_here_allowed_there("x.com", "y.com"));
    refuses(&world, "deny site-domain-not-allowed", "OSE403");
}

fn directory_blocks_contoso(world: &mut World) {
    world.tenant.directory.policy.blocked_domains = Some(list(&["contoso.com"]));
}

#[test]
fn row_40_the_directorys_list_prevails_where_sharing_has_none() {
    newcomer()
        .with(directory_blocks_contoso)
        .check("deny directory-domain-blocked");
}

#[test]
fn row_41_the_directorys_list_does_not_bind_files_without_the_integration() {
    for profile in [Profile::IntegrationOptIn, Profile::IntegrationDefault] {
        newcomer()
            .with(directory_blocks_contoso)
            .with(|world| world.tenant.profile = profile)
            .integration(false)
            .check("allow");
    }
}

#[test]
fn row_43_sharings_list_binds_whatever_the_directorys_allows() {
    let world = newcomer().with(block_contoso).with(|world| {
        world.tenant.directory.policy.allowed_domains = Some(list(&["contoso.com"]));
    });
    refuses(&world, "deny domain-blocked", "OSE402");
}

#[test]
fn row_47_a_partner_who_is_blocked_is_refused_although_the_directory_lists_the_domain() {
    let world = grant([new_in("worldwide")]).with(|world| {
        world.tenant.directory.policy.allowed_domains = Some(list(&["contoso.com"]));
        let blocked = Partner {
            inbound: false,
            ..partner("worldwide")
        };
        let access = &mut world.tenant.directory.cross_tenant;
        access.partners.insert("t".to_owned(), blocked);
    });
    refuses(&world, "deny partner-blocked", "AADSTS500213");
}
