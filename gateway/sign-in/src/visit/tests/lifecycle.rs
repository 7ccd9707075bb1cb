//! From an invitation or a share to an entry, and out again, over a real store.

mod before_integration;
mod departing;
mod expiring;
mod joining;
mod members;
mod passcodes;
mod passing_on;

use std::collections::{BTreeMap, BTreeSet};

use gateway_config::model::{Configuration, Site, Upstream};
use gateway_core::id::{GuestId, LinkId, PermissionId, SiteId};
use gateway_core::path::ItemPath;
use gateway_core::person::{GuestOrigin, InvitationManager};
use gateway_core::settings::{SharingCapability, SiteSettings, SiteSharing};
use gateway_core::sharing::{LinkScope, LinkType, Permission, Recipient, Role, SharingLink};
use gateway_store::model::{
    Actor, AuditEvent, AuditQuery, AuditRecord, Change, Invitation, LinkEntry, PermissionEntry,
    UserEntry, UserType, Write, Written,
};
use serde_json::Map;

use super::world::{NOW, World, address, tenant_id};

const PROJECTS: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const ARCHIVE: &str = "1f8fad5b-d9cb-469f-a165-70867728950e";
const ADA: &str = "2f8fad5b-d9cb-469f-a165-70867728950e";

/// Contoso with two sites, and nothing declared but those: everything else is stored.
fn stored(configuration: &mut Configuration) {
    let tenant = configuration
        .tenants
        .get_mut(&tenant_id("contoso"))
        .unwrap();
    tenant.guests.clear();
    tenant.permissions.clear();
    tenant.links.clear();
    for name in ["projects", "archive"] {
        let site = Site {
            id: site(name),
            path: ItemPath::parse(&format!("/sites/{name}")).unwrap(),
            settings: SiteSettings {
                sharing: SiteSharing {
                    capability: Some(SharingCapability::ExternalUserAndGuestSharing),
                    ..SiteSharing::default()
                },
                ..SiteSettings::default()
            },
            upstream: Upstream {
                origin: "http://127.0.0.1:1".parse().unwrap(),
                path: None,
                audience: name.to_owned(),
                plain_headers: false,
                ca: None,
            },
        };
        tenant.sites.insert(site.id.clone(), site);
    }
}

fn without_integration(configuration: &mut Configuration) {
    stored(configuration);
    let tenant = configuration
        .tenants
        .get_mut(&tenant_id("contoso"))
        .unwrap();
    tenant.settings.sharing.integration = Some(false);
}

fn site(name: &str) -> SiteId {
    SiteId::parse(name).unwrap()
}

/// Ada as whoever invites her has her: by the directory with an entry at once, by sharing's own manager without.
fn ada(manager: InvitationManager) -> UserEntry {
    UserEntry {
        id: GuestId::parse(ADA).unwrap(),
        address: address("ada@fabrikam.example"),
        user_type: UserType::Guest,
        origin: GuestOrigin::Share,
        manager,
        account_enabled: true,
        sponsor: None,
        created: NOW,
        state_changed: NOW,
        invitation_expires: None,
        expires: BTreeMap::new(),
        administers: BTreeSet::new(),
        mfa_registered: false,
        deleted: None,
        profile: Map::new(),
        redemption: None,
        declared: false,
        version: 0,
    }
}

fn member(id: &str) -> UserEntry {
    UserEntry {
        id: GuestId::parse(&format!("oid-{id}")).unwrap(),
        address: address(&format!("{id}@contoso.example")),
        user_type: UserType::Member,
        origin: GuestOrigin::Directory,
        ..ada(InvitationManager::Directory)
    }
}

fn invitation(id: &str, at: &str, manager: InvitationManager) -> Change {
    Change::PutInvitation(Box::new(Invitation {
        id: id.to_owned(),
        user: GuestId::parse(ADA).unwrap(),
        address: address("ada@fabrikam.example"),
        manager,
        site: Some(site(at)),
        redirect_url: None,
        invited_by: Some(address("mia@contoso.example")),
        created: NOW,
        ended: None,
        account_must_match: manager == InvitationManager::Directory,
    }))
}

/// Something in a site that Mia granted.
fn granted(id: &str, to: &str, at: &str, role: Role, manager: InvitationManager) -> Change {
    Change::PutPermission(Box::new(PermissionEntry {
        permission: Permission {
            id: PermissionId::parse(id).unwrap(),
            site: site(at),
            item: ItemPath::parse(&format!("/sites/{at}")).unwrap(),
            recipient: Recipient::Address(address(to)),
            role,
            created_by: address("mia@contoso.example"),
            manager,
            expires: None,
        },
        created: NOW,
        link: None,
        shared_with_integration: manager == InvitationManager::Directory,
        declared: false,
        version: 0,
    }))
}

/// A link of Mia's to a document of the projects, for one person.
fn linked(id: &str, to: &str, manager: InvitationManager) -> Change {
    Change::PutLink(Box::new(LinkEntry {
        link: SharingLink {
            id: LinkId::parse(id).unwrap(),
            site: site("projects"),
            item: ItemPath::parse("/sites/projects/Plan.docx").unwrap(),
            kind: LinkType::View,
            scope: LinkScope::Users([address(to)].into()),
            created_by: address("mia@contoso.example"),
            creator_may_share: true,
            manager,
            created: NOW,
            expires: None,
        },
        token_sha256: [id.len().try_into().unwrap(); 32],
        sealed_token: None,
        application: None,
        shared_with_integration: manager == InvitationManager::Directory,
        declared: false,
        version: 0,
    }))
}

/// Mia, who owns the projects and may share there.
fn mia_owns() -> Change {
    let owner = "mia@contoso.example";
    granted(
        "mia-owns",
        owner,
        "projects",
        Role::Owner,
        InvitationManager::Directory,
    )
}

impl World {
    async fn write(&self, changes: Vec<Change>) {
        let write = Write {
            tenant: tenant_id("contoso"),
            at: NOW,
            expect: Vec::new(),
            changes,
            audit: vec![AuditEvent::of("Test", Actor::default())],
        };
        let written = self.directory.write(write).await.unwrap();
        assert!(matches!(written, Written::Yes { .. }), "{written:?}");
    }

    async fn entry(&self, of: &str) -> Option<UserEntry> {
        self.directory
            .user_by_address(&tenant_id("contoso"), &address(of))
            .await
            .unwrap()
    }

    /// Ids of Ada's invitations that are open.
    async fn open(&self) -> Vec<String> {
        let id = GuestId::parse(ADA).unwrap();
        let open = self
            .directory
            .invitations(&tenant_id("contoso"), &id)
            .await
            .unwrap();
        let mut ids: Vec<String> = open.into_iter().map(|one| one.id).collect();
        ids.sort();
        ids
    }

    async fn audited(&self, operation: &str) -> Vec<AuditRecord> {
        let query = AuditQuery {
            operation: Some(operation.to_owned()),
            limit: 100,
            ..AuditQuery::default()
        };
        self.directory
            .audit(&tenant_id("contoso"), &query)
            .await
            .unwrap()
            .items
    }
}
