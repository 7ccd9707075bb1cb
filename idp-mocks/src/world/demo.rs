//! The demo's organisations and people.

use super::{Cloud, GLOBAL_ADMINISTRATOR, Organisation, Person, World};
use crate::client::Client;

/// The world of the demo: six tenants in three clouds, fourteen people, two clients.
#[must_use]
pub fn demo() -> World {
    let contoso = tenant(
        '1',
        "Contoso",
        "contoso.example",
        Cloud::Worldwide,
        Some("EU"),
        None,
    );
    let woodgrove = tenant(
        '2',
        "Woodgrove",
        "woodgrove.example",
        Cloud::Worldwide,
        Some("EU"),
        None,
    );
    let fabrikam = tenant(
        '3',
        "Fabrikam",
        "fabrikam.example",
        Cloud::Worldwide,
        Some("NA"),
        None,
    );
    let agency = tenant(
        '4',
        "The Agency",
        "agency.example",
        Cloud::UsGovernment,
        Some("USGov"),
        Some("DODCON"),
    );
    let lanhua = tenant('5', "Lanhua", "lanhua.example", Cloud::China, None, None);
    let mallory = tenant(
        '6',
        "Mallory",
        "mallory.example",
        Cloud::Worldwide,
        Some("NA"),
        None,
    );
    let people = vec![
        Person::work_or_school("mia@contoso.example", "Mia", &contoso),
        Person::work_or_school("gus@contoso.example", "Gus", &contoso)
            .with_directory_role(GLOBAL_ADMINISTRATOR),
        Person::work_or_school("wim@woodgrove.example", "Wim", &woodgrove),
        Person::work_or_school("ada@fabrikam.example", "Ada", &fabrikam),
        Person::work_or_school("bob@fabrikam.example", "Bob", &fabrikam),
        Person::work_or_school("nel@fabrikam.example", "Nel", &fabrikam),
        Person::work_or_school("sam@agency.example", "Sam", &agency),
        Person::work_or_school("lin@lanhua.example", "Lin", &lanhua),
        // The attack called nOAuth: the administrator wrote somebody else's address into `mail`.
        Person::work_or_school("eve@mallory.example", "Eve", &mallory)
            .claiming_email(Some("ada@fabrikam.example")),
        Person::microsoft("oli@outlook.com", "Oli"),
        Person::google("gina@gmail.com", "Gina", None),
        Person::google("kit@workspace.example", "Kit", Some("workspace.example")),
        Person::saml("nora@northwind.example", "Nora"),
        Person::mailbox_only("pat@nowhere.example", "Pat"),
    ];
    let organisations = vec![contoso, woodgrove, fabrikam, agency, lanhua, mallory];
    World {
        organisations,
        people,
        clients: vec![Client::demo(), Client::programs()],
    }
}

fn tenant(
    digit: char,
    name: &str,
    domain: &str,
    cloud: Cloud,
    region_scope: Option<&str>,
    region_sub_scope: Option<&str>,
) -> Organisation {
    let of = |length: usize| digit.to_string().repeat(length);
    Organisation {
        tenant_id: format!("{}-{}-4{}-8{}-{}", of(8), of(4), of(3), of(3), of(12)),
        name: name.to_owned(),
        cloud,
        domains: vec![domain.to_owned()],
        region_scope: region_scope.map(str::to_owned),
        region_sub_scope: region_sub_scope.map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_have_the_ids_that_the_configuration_names() {
        let world = demo();
        let fabrikam = world
            .organisation(Cloud::Worldwide, "FABRIKAM.example")
            .unwrap();
        assert_eq!(fabrikam.tenant_id, "33333333-3333-4333-8333-333333333333");
        assert!(
            world
                .organisation(Cloud::China, "fabrikam.example")
                .is_none()
        );
    }
}
