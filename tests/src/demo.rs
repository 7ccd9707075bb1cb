//! What the demo tells about itself: to people on several lines, to programs on one.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::world::{LINK_TOKENS, USUAL_PORTS, World};

/// Somebody to sign in as, and what for.
struct Role {
    address: &'static str,
    /// How: the provider, or what else it takes.
    how: &'static str,
    /// Where to begin.
    opens: &'static str,
    /// What there is to see.
    sees: &'static str,
}

const fn role(
    address: &'static str,
    how: &'static str,
    opens: &'static str,
    sees: &'static str,
) -> Role {
    Role {
        address,
        how,
        opens,
        sees,
    }
}

const README: &str = "/sites/projects/readme.txt";

/// Everybody in the demo, at Contoso.
const ROLES: &[Role] = &[
    role(
        "ada@fabrikam.example",
        "Entra of Fabrikam",
        "/sites/projects/Plan.docx",
        "a guest: reads this, writes in Shared/",
    ),
    role(
        "bob@fabrikam.example",
        "Entra of Fabrikam",
        "/sites/projects/Shared/notes.txt",
        "a guest: reads in Shared/",
    ),
    role("gina@gmail.com", "Google", README, "a guest"),
    role(
        "kit@workspace.example",
        "Google Workspace",
        README,
        "a guest",
    ),
    role("oli@outlook.com", "Microsoft account", README, "a guest"),
    role(
        "nora@northwind.example",
        "SAML of Northwind",
        README,
        "a guest",
    ),
    role(
        "pat@nowhere.example",
        "passcode by mail",
        README,
        "a guest without any account",
    ),
    role(
        "kim@badge.example",
        "badge B-100, PIN 4711 (provider in C)",
        README,
        "a guest",
    ),
    role(
        "mia@contoso.example",
        "Entra of Contoso",
        "/sites/internal/minutes.txt",
        "a member",
    ),
    role(
        "zoe@blocked.example",
        "badge B-200, PIN 0815",
        README,
        "refused: domain-blocked",
    ),
    role(
        "sam@agency.example",
        "Entra, US Government",
        README,
        "refused: cloud-not-allowed",
    ),
    role(
        "lin@lanhua.example",
        "Entra, China",
        README,
        "refused: cloud-not-allowed",
    ),
    role(
        "eve@mallory.example",
        "Entra of Mallory",
        README,
        "refused: address-not-proven (type Ada's address, pick Eve)",
    ),
];

/// One line of JSON: origins, ports, the authority's file, people, link tokens.
#[must_use]
pub fn for_programs(world: &World) -> Value {
    let urls = world.mocks.urls();
    let people = ROLES.iter().map(|role| {
        json!({
            "address": role.address,
            "how": role.how,
            "opens": world.url("contoso", role.opens),
            "sees": role.sees,
        })
    });
    let tokens: Map<String, Value> = LINK_TOKENS
        .iter()
        .map(|(name, token)| ((*name).to_owned(), (*token).into()))
        .collect();
    let links: Map<String, Value> = LINK_TOKENS
        .iter()
        .filter_map(|(name, _)| Some(((*name).to_owned(), world.link(name).ok()?.into())))
        .collect();
    json!({
        "urls": {
            "contoso": world.url("contoso", ""),
            "woodgrove": world.url("woodgrove", ""),
            "documents": urls.documents.origin,
            "entra_worldwide": urls.entra_worldwide.origin,
            "entra_usgov": urls.entra_usgov.origin,
            "entra_china": urls.entra_china.origin,
            "google": urls.google.origin,
            "saml": urls.saml.origin,
        },
        "ca": world.ca,
        "ports": ports(world).into_iter().map(|port| (port.name.to_owned(), port.taken.into())).collect::<Map<_, _>>(),
        "addresses": people.collect::<Vec<_>>(),
        "tokens": tokens,
        "links": links,
        "mailbox": urls.mailbox.origin,
        "messages": urls.mailbox.messages,
        "operations": world.operations,
        "api": world.api,
        "log": world.gateway.log(),
        "config": world.gateway.call().config,
    })
}

/// The same for people.
#[must_use]
pub fn for_people(world: &World) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_for_people(world, &mut text);
    text
}

fn write_for_people(world: &World, text: &mut String) -> std::fmt::Result {
    let urls = world.mocks.urls();
    for port in ports(world).iter().filter(|port| port.taken != port.usual) {
        writeln!(
            text,
            "Port {} is taken: {} is on {} instead.",
            port.usual, port.name, port.taken
        )?;
    }
    writeln!(
        text,
        "\nThe demo runs. Open one of these and sign in with the address beside it:\n"
    )?;
    for role in ROLES {
        writeln!(
            text,
            "  {:<22} {}",
            role.address,
            world.url("contoso", role.opens)
        )?;
        writeln!(text, "  {:<22} {}; {}", "", role.how, role.sees)?;
    }
    writeln!(text, "\nLinks, for whoever has them:\n")?;
    for (name, _) in LINK_TOKENS {
        writeln!(
            text,
            "  {name:<22} {}",
            world.link(name).unwrap_or_default()
        )?;
    }
    writeln!(
        text,
        "\n  Woodgrove Bank         {}",
        world.url("woodgrove", README)
    )?;
    writeln!(text, "  Mailbox                {}", urls.mailbox.origin)?;
    writeln!(
        text,
        "  Health and metrics     {}/metrics",
        world.operations
    )?;
    writeln!(text, "  Management API         {}/v1.0", world.api)?;
    writeln!(text, "  Documents, ungated     {}", urls.documents.origin)?;
    writeln!(
        text,
        "  Gateway's log          {}",
        world.gateway.log().display()
    )?;
    writeln!(text, "  Certificate authority  {}", world.ca.display())?;
    writeln!(
        text,
        "\nThe browser warns of the certificate until it trusts that authority; curl takes it by --cacert.\n\
         Everything here is pretended and no password is asked for. Ctrl-C ends it."
    )
}

struct Port {
    name: &'static str,
    usual: u16,
    taken: u16,
}

fn ports(world: &World) -> [Port; 11] {
    let urls = world.mocks.urls();
    let port = |name, usual, taken| Port { name, usual, taken };
    [
        port("gateway", USUAL_PORTS.gateway, world.port),
        port("operations", USUAL_PORTS.operations, world.operations_port),
        port("api", USUAL_PORTS.api, world.api_port),
        port(
            "entra-worldwide",
            USUAL_PORTS.entra_worldwide,
            urls.entra_worldwide.address.port(),
        ),
        port(
            "entra-usgov",
            USUAL_PORTS.entra_usgov,
            urls.entra_usgov.address.port(),
        ),
        port(
            "entra-china",
            USUAL_PORTS.entra_china,
            urls.entra_china.address.port(),
        ),
        port("google", USUAL_PORTS.google, urls.google.address.port()),
        port("saml", USUAL_PORTS.saml, urls.saml.address.port()),
        port("mailbox", USUAL_PORTS.mailbox, urls.mailbox.address.port()),
        port("smtp", USUAL_PORTS.smtp, urls.mailbox.smtp.port()),
        port(
            "documents",
            USUAL_PORTS.documents,
            urls.documents.address.port(),
        ),
    ]
}
