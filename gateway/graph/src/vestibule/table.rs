//! Everything that can be done under `/vestibule/v1`.

use std::collections::BTreeSet;

use schemars::{Schema, SchemaGenerator, json_schema};

use super::operation::{Kind, Operation, Parameter, Resource, SchemaOf, Verb, Who};
use super::words::{
    Group, GroupChange, Link, Listing, NewExpiry, NewGroup, Proposal, Provider, Question, Record,
    Setting, SettingsChange, SettingsChanged, Share, Site, SiteExpiry, Tenant,
};
use super::{audit, groups, guests, judge, leave, links, providers, settings, shares, tenant};

const READ: &[&str] = &["Vestibule.Read.All", "Vestibule.ReadWrite.All"];
const WRITE: &[&str] = &["Vestibule.ReadWrite.All"];
const READ_SETTINGS: &[&str] = &[
    "SharePointTenantSettings.Read.All",
    "SharePointTenantSettings.ReadWrite.All",
    "Vestibule.Read.All",
    "Vestibule.ReadWrite.All",
];
const WRITE_SETTINGS: &[&str] = &[
    "SharePointTenantSettings.ReadWrite.All",
    "Vestibule.ReadWrite.All",
];
const READ_AUDIT: &[&str] = &["AuditLog.Read.All", "Vestibule.ReadWrite.All"];

const TOP: Parameter = Parameter {
    name: "top",
    doc: "How many on a page; 100 if left out.",
    kind: Kind::Number(1, 1_000),
    required: false,
};
const PERSON: Parameter = Parameter {
    name: "person",
    doc: "The address.",
    kind: Kind::Text(320),
    required: true,
};
const AFTER: Parameter = Parameter {
    name: "after",
    doc: "Where the page begins: as `@odata.nextLink` gives it.",
    kind: Kind::Text(512),
    required: false,
};
const DRY_RUN: Parameter = Parameter {
    name: "dryRun",
    doc: "`true`: the change is judged and not made.",
    kind: Kind::Flag,
    required: false,
};

const fn text(name: &'static str, doc: &'static str, most: usize) -> Parameter {
    Parameter {
        name,
        doc,
        kind: Kind::Text(most),
        required: false,
    }
}

/// An operation that reads: GET, without a body.
const GET: Operation = Operation {
    method: Verb::Get,
    id: "",
    summary: "",
    who: Who::Administrators,
    scopes: READ,
    query: &[],
    if_match: false,
    body: None,
    answer: (200, None),
    refusals: &[404],
    run: |call| Box::pin(tenant::list(call)),
};

/// An operation that ends something.
const DELETE: Operation = Operation {
    method: Verb::Delete,
    scopes: WRITE,
    answer: (204, None),
    refusals: &[404, 409],
    ..GET
};

/// An operation that changes something.
const PATCH: Operation = Operation {
    method: Verb::Patch,
    scopes: WRITE,
    refusals: &[404, 409],
    ..GET
};

const LISTED_SETTINGS: SchemaOf = |all| all.subschema_for::<Listing<Setting>>();
const CHANGE: SchemaOf = |all| all.subschema_for::<SettingsChange>();
const CHANGED: SchemaOf = |all| all.subschema_for::<SettingsChanged>();

/// An answer in the words of the command line, which are documented there.
fn told(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object" })
}

/// The operations, by path.
pub(super) const RESOURCES: &[Resource] = &[
    Resource {
        path: "/tenants",
        allow: "GET",
        operations: &[Operation {
            id: "listTenants",
            summary: "The tenants that the token is for: one.",
            scopes: READ_SETTINGS,
            answer: (200, Some(|all| all.subschema_for::<Listing<Tenant>>())),
            refusals: &[],
            run: |call| Box::pin(tenant::list(call)),
            ..GET
        }],
    },
    Resource {
        path: "/settings",
        allow: "GET, PATCH",
        operations: &[
            Operation {
                id: "listTenantSettings",
                summary: "The tenant's sharing settings, by the names of Set-SPOTenant.",
                scopes: READ_SETTINGS,
                answer: (200, Some(LISTED_SETTINGS)),
                refusals: &[],
                run: |call| Box::pin(settings::of_tenant(call)),
                ..GET
            },
            Operation {
                id: "changeTenantSettings",
                summary: "Changes settings of the tenant, all of them or none. What a file declares can be tightened only.",
                scopes: WRITE_SETTINGS,
                query: &[DRY_RUN],
                body: Some(CHANGE),
                answer: (200, Some(CHANGED)),
                refusals: &[409],
                run: |call| Box::pin(settings::change_tenant(call)),
                ..PATCH
            },
        ],
    },
    Resource {
        path: "/directory/settings",
        allow: "GET, PATCH",
        operations: &[
            Operation {
                id: "listDirectorySettings",
                summary: "The directory's collaboration settings, by the names of Microsoft Graph.",
                scopes: READ_SETTINGS,
                answer: (200, Some(LISTED_SETTINGS)),
                refusals: &[],
                run: |call| Box::pin(settings::of_directory(call)),
                ..GET
            },
            Operation {
                id: "changeDirectorySettings",
                summary: "Changes settings of the directory, all of them or none. What a file declares can be tightened only.",
                scopes: WRITE_SETTINGS,
                query: &[DRY_RUN],
                body: Some(CHANGE),
                answer: (200, Some(CHANGED)),
                refusals: &[409],
                run: |call| Box::pin(settings::change_directory(call)),
                ..PATCH
            },
        ],
    },
    Resource {
        path: "/sites",
        allow: "GET",
        operations: &[Operation {
            id: "listSites",
            summary: "The tenant's sites.",
            scopes: READ_SETTINGS,
            answer: (200, Some(|all| all.subschema_for::<Listing<Site>>())),
            refusals: &[],
            run: |call| Box::pin(tenant::sites(call)),
            ..GET
        }],
    },
    Resource {
        path: "/sites/{site}",
        allow: "GET",
        operations: &[Operation {
            id: "showSite",
            summary: "A site.",
            scopes: READ_SETTINGS,
            answer: (200, Some(|all| all.subschema_for::<Site>())),
            run: |call| Box::pin(tenant::site(call)),
            ..GET
        }],
    },
    Resource {
        path: "/sites/{site}/settings",
        allow: "GET, PATCH",
        operations: &[
            Operation {
                id: "listSiteSettings",
                summary: "A site's sharing settings, by the names of Set-SPOSite.",
                scopes: READ_SETTINGS,
                answer: (200, Some(LISTED_SETTINGS)),
                run: |call| Box::pin(settings::of_site(call)),
                ..GET
            },
            Operation {
                id: "changeSiteSettings",
                summary: "Changes settings of a site, all of them or none. What a file declares can be tightened only.",
                scopes: WRITE_SETTINGS,
                query: &[DRY_RUN],
                body: Some(CHANGE),
                answer: (200, Some(CHANGED)),
                run: |call| Box::pin(settings::change_site(call)),
                ..PATCH
            },
        ],
    },
    Resource {
        path: "/guests/{guest}/sites",
        allow: "GET",
        operations: &[Operation {
            id: "listGuestSites",
            summary: "Sites at which a guest's access ends, with the moment.",
            answer: (200, Some(|all| all.subschema_for::<Listing<SiteExpiry>>())),
            run: |call| Box::pin(guests::expiries(call)),
            ..GET
        }],
    },
    Resource {
        path: "/guests/{guest}/sites/{site}",
        allow: "PUT, DELETE",
        operations: &[
            Operation {
                method: Verb::Put,
                id: "extendGuest",
                summary: "Sets the moment at which a guest's access to a site ends.",
                body: Some(|all| all.subschema_for::<NewExpiry>()),
                answer: (200, Some(|all| all.subschema_for::<SiteExpiry>())),
                run: |call| Box::pin(guests::extend(call)),
                ..PATCH
            },
            Operation {
                id: "liftGuestExpiry",
                summary: "Takes that moment away: the guest's access does not end by itself.",
                run: |call| Box::pin(guests::lift(call)),
                ..DELETE
            },
        ],
    },
    Resource {
        path: "/providers",
        allow: "GET",
        operations: &[Operation {
            id: "listProviders",
            summary: "The identity providers of the tenant: in use, given up, or kept by Graph without a provider.",
            answer: (200, Some(|all| all.subschema_for::<Listing<Provider>>())),
            refusals: &[],
            run: |call| Box::pin(providers::list(call)),
            ..GET
        }],
    },
    Resource {
        path: "/groups",
        allow: "GET, POST",
        operations: &[
            Operation {
                id: "listGroups",
                summary: "The groups of the tenant's directory.",
                answer: (200, Some(|all| all.subschema_for::<Listing<Group>>())),
                refusals: &[],
                run: |call| Box::pin(groups::list(call)),
                ..GET
            },
            Operation {
                method: Verb::Post,
                id: "createGroup",
                summary: "Makes a group.",
                body: Some(|all| all.subschema_for::<NewGroup>()),
                answer: (201, Some(|all| all.subschema_for::<Group>())),
                refusals: &[409],
                run: |call| Box::pin(groups::create(call)),
                ..PATCH
            },
        ],
    },
    Resource {
        path: "/groups/{group}",
        allow: "GET, PATCH, DELETE",
        operations: &[
            Operation {
                id: "showGroup",
                summary: "A group.",
                answer: (200, Some(|all| all.subschema_for::<Group>())),
                run: |call| Box::pin(groups::one(call)),
                ..GET
            },
            Operation {
                id: "changeGroup",
                if_match: true,
                summary: "Changes a group; what is absent stays.",
                body: Some(|all| all.subschema_for::<GroupChange>()),
                answer: (200, Some(|all| all.subschema_for::<Group>())),
                run: |call| Box::pin(groups::change(call)),
                ..PATCH
            },
            Operation {
                id: "removeGroup",
                if_match: true,
                summary: "Removes a group that is in no other.",
                run: |call| Box::pin(groups::remove(call)),
                ..DELETE
            },
        ],
    },
    Resource {
        path: "/groups/{group}/people/{address}",
        allow: "PUT, DELETE",
        operations: &[
            Operation {
                method: Verb::Put,
                id: "addToGroup",
                if_match: true,
                summary: "Puts a person into a group.",
                run: |call| Box::pin(groups::add_person(call)),
                ..DELETE
            },
            Operation {
                id: "removeFromGroup",
                if_match: true,
                summary: "Takes a person out of a group.",
                run: |call| Box::pin(groups::remove_person(call)),
                ..DELETE
            },
        ],
    },
    Resource {
        path: "/links",
        allow: "GET",
        operations: &[Operation {
            id: "listLinks",
            summary: "Sharing links of the tenant, or of one site.",
            query: &[text("site", "Only those of this site.", 64), TOP, AFTER],
            answer: (200, Some(|all| all.subschema_for::<Listing<Link>>())),
            run: |call| Box::pin(links::list(call)),
            ..GET
        }],
    },
    Resource {
        path: "/links/{link}",
        allow: "GET, DELETE",
        operations: &[
            Operation {
                id: "showLink",
                summary: "A sharing link.",
                answer: (200, Some(|all| all.subschema_for::<Link>())),
                run: |call| Box::pin(links::one(call)),
                ..GET
            },
            Operation {
                id: "revokeLink",
                summary: "Ends a sharing link, with everything that was granted through it.",
                run: |call| Box::pin(links::revoke(call)),
                ..DELETE
            },
        ],
    },
    Resource {
        path: "/shares",
        allow: "GET",
        operations: &[Operation {
            id: "listShares",
            summary: "What was granted to a person's address itself.",
            query: &[PERSON, TOP, AFTER],
            answer: (200, Some(|all| all.subschema_for::<Listing<Share>>())),
            refusals: &[],
            run: |call| Box::pin(shares::list(call)),
            ..GET
        }],
    },
    Resource {
        path: "/shares/{share}",
        allow: "GET, DELETE",
        operations: &[
            Operation {
                id: "showShare",
                summary: "What was granted, by its id.",
                answer: (200, Some(|all| all.subschema_for::<Share>())),
                run: |call| Box::pin(shares::one(call)),
                ..GET
            },
            Operation {
                id: "revokeShare",
                summary: "Takes back what was granted.",
                run: |call| Box::pin(shares::revoke(call)),
                ..DELETE
            },
        ],
    },
    Resource {
        path: "/explain",
        allow: "POST",
        operations: &[Operation {
            method: Verb::Post,
            id: "explain",
            summary: "How a request would be decided, rule by rule, in the words of `vestibule explain --json`.",
            body: Some(|all| all.subschema_for::<Question>()),
            answer: (200, Some(told)),
            refusals: &[],
            run: |call| Box::pin(judge::explain(call)),
            ..GET
        }],
    },
    Resource {
        path: "/impact",
        allow: "POST",
        operations: &[Operation {
            method: Verb::Post,
            id: "impact",
            summary: "What a change of settings would do to what has been shared, in the words of `vestibule impact --json`. Nothing is changed.",
            body: Some(|all| all.subschema_for::<Proposal>()),
            answer: (200, Some(told)),
            refusals: &[],
            run: |call| Box::pin(judge::impact(call)),
            ..GET
        }],
    },
    Resource {
        path: "/audit",
        allow: "GET",
        operations: &[Operation {
            id: "queryAudit",
            summary: "Records of the audit, newest last.",
            scopes: READ_AUDIT,
            query: &[
                text("person", "Of or about this person.", 320),
                text("site", "About this site.", 64),
                text("item", "About this item of `site`, or below it.", 4_096),
                text("link", "About this link.", 64),
                text("operation", "Of this operation, such as `SharingSet`.", 64),
                Parameter {
                    name: "from",
                    doc: "From this moment on.",
                    kind: Kind::Moment,
                    required: false,
                },
                Parameter {
                    name: "until",
                    doc: "Before this moment.",
                    kind: Kind::Moment,
                    required: false,
                },
                TOP,
                AFTER,
            ],
            answer: (200, Some(|all| all.subschema_for::<Listing<Record>>())),
            refusals: &[],
            run: |call| Box::pin(audit::list(call)),
            ..GET
        }],
    },
    Resource {
        path: "/leave",
        allow: "POST",
        operations: &[Operation {
            method: Verb::Post,
            id: "leave",
            summary: "The guest who calls leaves the organisation.",
            who: Who::Anyone,
            scopes: &[],
            run: |call| Box::pin(leave::leave(call)),
            ..DELETE
        }],
    },
];

/// Every scope that some operation here takes, sorted.
#[must_use]
pub(crate) fn scopes() -> BTreeSet<&'static str> {
    let operations = RESOURCES.iter().flat_map(|resource| resource.operations);
    let scopes = operations.flat_map(|operation| operation.scopes);
    scopes.copied().collect()
}
