//! The names that worlds are made of: few, so that they meet.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;

use gateway_core::address::{DomainName, EmailAddress};
use gateway_core::cloud::{Cloud, Clouds};
use gateway_core::id::{
    CloudName, GroupId, GuestId, LinkId, PermissionId, ProviderId, ProviderKind, SiteId,
};
use gateway_core::path::ItemPath;
use gateway_core::settings::words::AllowInvitesFrom;

/// Names, parsed once.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Pool {
    /// Ada and Cleo of a partner, Bob of another, Eve with a consumer's address; Mia and Mo are members.
    pub ada: EmailAddress,
    pub bob: EmailAddress,
    pub cleo: EmailAddress,
    pub eve: EmailAddress,
    pub mia: EmailAddress,
    pub mo: EmailAddress,
    /// Everybody.
    pub people: Vec<EmailAddress>,
    pub domains: Vec<DomainName>,
    /// `inner` is inside `outer`.
    pub outer: GroupId,
    pub inner: GroupId,
    pub groups: Vec<GroupId>,
    pub agents: Vec<GroupId>,
    /// The site asked about, and another one.
    pub site: SiteId,
    pub other_site: SiteId,
    /// Items, from the asked one's folders to things that only look alike.
    pub above: Vec<ItemPath>,
    pub beside: Vec<ItemPath>,
    pub files: Vec<ItemPath>,
    pub guest: GuestId,
    pub provider: ProviderId,
    pub kinds: Vec<ProviderKind>,
    /// Known ones, and the last is known to nobody.
    pub clouds: Vec<CloudName>,
    pub all_clouds: Arc<Clouds>,
    pub permissions: Vec<PermissionId>,
    pub links: Vec<LinkId>,
}

#[expect(clippy::expect_used, reason = "the names are written below")]
fn parsed<T, E: Debug>(parsed: Result<T, E>) -> T {
    parsed.expect("a valid name")
}

fn email(text: &str) -> EmailAddress {
    parsed(EmailAddress::parse(text))
}

fn group(text: &str) -> GroupId {
    parsed(GroupId::parse(text))
}

fn cloud(text: &str) -> CloudName {
    parsed(CloudName::parse(text))
}

fn path(text: &str) -> ItemPath {
    parsed(ItemPath::parse(text))
}

impl Default for Pool {
    fn default() -> Self {
        Self::new()
    }
}

impl Pool {
    /// All of them.
    #[must_use]
    pub fn new() -> Self {
        let ada = email("ada@fabrikam.example");
        let bob = email("bob@contoso.example");
        let cleo = email("cleo@fabrikam.example");
        let eve = email("eve@gmail.com");
        let mia = email("mia@vestibule.example");
        let mo = email("mo@vestibule.example");
        let people = [&ada, &bob, &cleo, &eve, &mia, &mo];
        let names = [
            "fabrikam.example",
            "contoso.example",
            "gmail.com",
            "vestibule.example",
        ];
        let (outer, inner) = (group("outer"), group("inner"));
        Self {
            people: people.into_iter().cloned().collect(),
            ada,
            bob,
            cleo,
            eve,
            mia,
            mo,
            domains: names
                .iter()
                .map(|name| parsed(DomainName::parse(name)))
                .collect(),
            groups: vec![outer.clone(), inner.clone(), group("third")],
            outer,
            inner,
            agents: vec![group("agent-1"), group("agent-2")],
            site: parsed(SiteId::parse("site")),
            other_site: parsed(SiteId::parse("other")),
            above: ["/", "/s", "/s/docs", "/s/docs/", "/S/Docs"]
                .map(path)
                .into(),
            beside: ["/s/doc", "/s/docs2", "/s/docs/plan.docx/1", "/t"]
                .map(path)
                .into(),
            files: [
                "/s/docs/plan.docx",
                "/s/docs/plan.pdf",
                "/s/docs/plan.bin",
                "/s/docs/plan",
                "/s/docs/old/PLAN.DOCX",
                "/s/docs",
                "/S/docs/plan.docx",
            ]
            .map(path)
            .into(),
            guest: parsed(GuestId::parse("guest")),
            provider: parsed(ProviderId::parse("provider")),
            kinds: KINDS
                .iter()
                .map(|kind| parsed(ProviderKind::parse(kind)))
                .collect(),
            clouds: CLOUDS.iter().map(|name| cloud(name)).collect(),
            all_clouds: Arc::new(clouds()),
            permissions: numbered("p")
                .iter()
                .map(|id| parsed(PermissionId::parse(id)))
                .collect(),
            links: numbered("l")
                .iter()
                .map(|id| parsed(LinkId::parse(id)))
                .collect(),
        }
    }

    /// The cloud that most tenants are in.
    #[must_use]
    pub fn home(&self) -> CloudName {
        self.clouds
            .first()
            .cloned()
            .unwrap_or_else(|| cloud("worldwide"))
    }

    /// The provider kind of that name.
    #[must_use]
    pub fn kind(&self, name: &str) -> ProviderKind {
        let found = self.kinds.iter().find(|kind| kind.as_str() == name);
        found
            .cloned()
            .unwrap_or_else(|| parsed(ProviderKind::parse(name)))
    }
}

const KINDS: [&str; 6] = [
    "work-school",
    "microsoft-account",
    "google",
    "email-otp",
    "saml",
    "openid",
];

const CLOUDS: [&str; 6] = [
    "worldwide",
    "gcc",
    "gcc-high",
    "dod",
    "china-21vianet",
    "atlantis",
];

fn numbered(letter: &str) -> Vec<String> {
    (0..40)
        .map(|number| format!("{letter}{number:02}"))
        .collect()
}

/// Source: specification "clouds and identity" A.
fn clouds() -> Clouds {
    let record = |instance: &str, restricted: bool, kinds: &[&str], partners: &[&str]| Cloud {
        instance: instance.to_owned(),
        authority: format!("https://login.{instance}"),
        identity_providers: kinds
            .iter()
            .map(|kind| parsed(ProviderKind::parse(kind)))
            .collect(),
        integration_supported: !restricted,
        restricted,
        partner_clouds: partners
            .iter()
            .map(|name| cloud(name))
            .collect::<BTreeSet<_>>(),
        tenants: gateway_core::cloud::Described::default(),
        consumers: false,
        file_requests: instance != CHINA,
        allow_invites_from: if instance == GOVERNMENT {
            AllowInvitesFrom::None
        } else {
            AllowInvitesFrom::Everyone
        },
    };
    let social = ["work-school", "microsoft-account", "google", "email-otp"];
    let all = [
        "work-school",
        "microsoft-account",
        "google",
        "email-otp",
        "saml",
    ];
    let public = ["gcc-high", "dod", "china-21vianet"];
    let records = [
        record(COMMERCIAL, false, &all, &public),
        record(COMMERCIAL, false, &all, &["gcc-high", "dod"]),
        record(GOVERNMENT, true, &social, &["worldwide", "gcc"]),
        record(GOVERNMENT, true, &social, &["worldwide", "gcc"]),
        record(CHINA, true, &["work-school", "saml"], &["worldwide"]),
    ];
    Clouds(CLOUDS.iter().map(|name| cloud(name)).zip(records).collect())
}

const COMMERCIAL: &str = "microsoftonline.com";
const GOVERNMENT: &str = "microsoftonline.us";
const CHINA: &str = "partner.microsoftonline.cn";
