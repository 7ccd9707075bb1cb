//! Settings of the process.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;

use super::{Context, api, audit, files, secrets, store, text};
use crate::documents::{Documents, Merged};
use crate::model::{Gateway, Limits, Mail, MailSecurity, Plugins, PublicListener, Sessions, Tls};
use crate::problem::Problems;
use crate::source::Scope;
use crate::wire;
use crate::wire::GatewayFile;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn convert(
    file: &Merged<GatewayFile>,
    documents: &Documents,
    context: &Context<'_>,
) -> Option<Gateway> {
    let top = file.scope(context.problems);
    let GatewayFile {
        listen,
        limits,
        sessions,
        store,
        audit,
        keys,
        plugins,
        home_discovery,
        mail,
        trusted_proxies,
        ..
    } = &file.content;
    let public = public(&top.at("listen").at("public"), &listen.public);
    let beside = top.at("store").at("path");
    let beside = store.path.as_deref().map(|text| beside.path(text));
    let api = listen.api.as_ref().map(|given| {
        let scope = top.at("listen").at("api");
        api::convert(&scope, given, beside.as_deref())
    });
    let operations = operations(
        &top.at("listen").at("operations").at("address"),
        listen.operations.address.as_deref(),
    );
    let limits = self::limits(&top.at("limits"), limits);
    let sessions = self::sessions(&top.at("sessions"), sessions);
    let folder_hint = "give a folder";
    let max_staleness = text::duration(
        &top.at("store").at("max_staleness"),
        store.max_staleness.as_deref(),
        Duration::ZERO,
        HOUR,
    );
    let store = store::convert(&top.at("store"), store, context);
    let audit = audit::convert(&top.at("audit"), audit);
    let keys_scope = top.at("keys").at("directory");
    let keys = keys_scope.required(keys.directory.as_deref(), folder_hint);
    let plugins = self::plugins(&top.at("plugins"), plugins, !documents.providers.is_empty());
    let mail_scope = top.at("mail");
    let mail = mail
        .as_ref()
        .map(|mail| self::mail(&mail_scope, mail, context));
    let trusted_proxies = proxies(&top.at("trusted_proxies"), trusted_proxies);
    if mail.is_none() && !mail_scope.is_broken() {
        passcodes_need_mail(documents, context);
    }
    Some(Gateway {
        public: public?,
        api: match api {
            Some(api) => Some(api?),
            None => None,
        },
        operations: operations?,
        limits: limits?,
        sessions: sessions?,
        store: store?,
        max_staleness: max_staleness?,
        audit: audit?,
        keys: keys_scope.path(keys?),
        plugins: plugins?,
        home_discovery: home_discovery.enabled,
        mail: match mail {
            Some(mail) => Some(mail?),
            None => None,
        },
        trusted_proxies,
    })
}

/// The folder of plugins, also when something else about the gateway is wrong.
pub(super) fn plugin_folder(documents: &Documents, problems: &Problems) -> Option<PathBuf> {
    let gateway = documents.gateway.as_ref()?;
    let scope = gateway.scope(problems).at("plugins").at("directory");
    gateway
        .content
        .plugins
        .directory
        .as_deref()
        .map(|text| scope.path(text))
}

fn public(scope: &Scope<'_>, given: &wire::PublicListener) -> Option<PublicListener> {
    let address = socket(&scope.at("address"), given.address.as_deref());
    let tls_scope = scope.at("tls");
    let tls = given.tls.as_ref().map(|given| tls(&tls_scope, given));
    match (&tls, given.plain_http) {
        (None, false) if !tls_scope.is_broken() && !scope.at("plain_http").is_broken() => scope.error(
            "has neither `tls` nor `plain_http = true`: give `tls = { certificate = \"…\", key = \"…\" }`, or say \
             that something in front ends TLS",
        ),
        (Some(_), true) => scope.at("plain_http").error("contradicts `tls`: remove one of the two"),
        (None, _) | (Some(_), false) => {}
    }
    Some(PublicListener {
        address: address?,
        tls: match tls {
            Some(tls) => Some(tls?),
            None => None,
        },
        external_port: given.external_port,
    })
}

pub(super) fn tls(scope: &Scope<'_>, given: &wire::Tls) -> Option<Tls> {
    let hint = "give the path of a PEM file";
    let (certificate, key) = (scope.at("certificate"), scope.at("key"));
    let chain = certificate.required(given.certificate.as_deref(), hint);
    let chain = chain.and_then(|path| files::existing(&certificate, path));
    let private = key
        .required(given.key.as_deref(), hint)
        .and_then(|path| files::closed(&key, path));
    Some(Tls {
        certificate: chain?,
        key: private?,
    })
}

fn operations(scope: &Scope<'_>, text: Option<&str>) -> Option<SocketAddr> {
    let address = socket(scope, text)?;
    if !address.ip().is_loopback() {
        scope.error("must be on loopback: health and metrics are not for everybody");
    }
    Some(address)
}

pub(super) fn socket(scope: &Scope<'_>, text: Option<&str>) -> Option<SocketAddr> {
    let text = scope.required(text, "give address and port such as `127.0.0.1:8443`");
    scope.parse(text, |text| {
        text.parse()
            .map_err(|_| "is not an IP address with a port such as `127.0.0.1:8443` or `[::]:443`")
    })
}

fn limits(scope: &Scope<'_>, given: &wire::Limits) -> Option<Limits> {
    let span = |key: &str, text: &Option<String>, least, most| {
        text::duration(&scope.at(key), text.as_deref(), least, most)
    };
    let count =
        |key: &str, value: Option<u32>| scope.at(key).required(value, "give a whole number");
    let connections = count("connections", given.connections);
    let connections_per_prefix = count("connections_per_prefix", given.connections_per_prefix);
    let header_timeout = span("header_timeout", &given.header_timeout, SECOND, 5 * MINUTE);
    let header_bytes = count("header_bytes", given.header_bytes);
    let body_idle = span("body_idle_timeout", &given.body_idle_timeout, SECOND, HOUR);
    let connect = span(
        "upstream_connect_timeout",
        &given.upstream_connect_timeout,
        Duration::from_millis(100),
        5 * MINUTE,
    );
    let response = span(
        "upstream_response_timeout",
        &given.upstream_response_timeout,
        SECOND,
        HOUR,
    );
    let shutdown = span(
        "shutdown_deadline",
        &given.shutdown_deadline,
        Duration::ZERO,
        HOUR,
    );
    let attempts = count("attempts_per_prefix", given.attempts_per_prefix);
    let mails = count("mails_per_address", given.mails_per_address);
    let failures = count("failures_per_address", given.failures_per_address);
    let unknown_links = count("unknown_links_per_prefix", given.unknown_links_per_prefix);
    Some(Limits {
        connections: usize::try_from(connections?).ok()?,
        connections_per_prefix: usize::try_from(connections_per_prefix?).ok()?,
        header_timeout: header_timeout?,
        header_bytes: usize::try_from(header_bytes?).ok()?,
        body_idle_timeout: body_idle?,
        upstream_connect_timeout: connect?,
        upstream_response_timeout: response?,
        shutdown_deadline: shutdown?,
        attempts_per_prefix: attempts?,
        mails_per_address: mails?,
        failures_per_address: failures?,
        unknown_links_per_prefix: unknown_links?,
    })
}

fn sessions(scope: &Scope<'_>, given: &wire::Sessions) -> Option<Sessions> {
    let span = |key: &str, text: &Option<String>, most| {
        text::duration(&scope.at(key), text.as_deref(), SECOND, most)
    };
    let idle = span("idle", &given.idle, 30 * DAY);
    let absolute = span("absolute", &given.absolute, 30 * DAY);
    let passcode = span("passcode", &given.passcode, DAY);
    let attempt = span("attempt", &given.attempt, HOUR);
    let (idle, absolute) = (idle?, absolute?);
    if absolute < idle {
        scope.at("absolute").error("must not be less than `idle`");
    }
    Some(Sessions {
        idle,
        absolute,
        passcode: passcode?,
        attempt: attempt?,
    })
}

fn plugins(scope: &Scope<'_>, given: &wire::Plugins, needed: bool) -> Option<Plugins> {
    let folder = scope.at("directory");
    let directory = folder
        .required(given.directory.as_deref(), "give a folder")
        .map(|text| folder.path(text));
    if let Some(directory) = directory.as_ref().filter(|path| needed && !path.is_dir()) {
        folder.error(format!("`{}` is not a folder", directory.display()));
    }
    let root = scope.at("trust_root");
    let trust_root = given.trust_root.as_deref().map(|text| root.path(text));
    if let (Some(directory), Some(trust_root)) = (&directory, &trust_root)
        && !lies_within(directory, trust_root)
    {
        root.error("must be `directory`, or a folder around it");
    }
    let deadline = scope.at("step_deadline");
    let deadline = text::duration(
        &deadline,
        given.step_deadline.as_deref(),
        Duration::from_millis(10),
        MINUTE,
    );
    let runner_scope = scope.at("runner");
    let runner = given
        .runner
        .as_deref()
        .map(|text| files::not_others(&runner_scope, text));
    Some(Plugins {
        directory: directory?,
        trust_root,
        step_deadline: deadline?,
        runner: match runner {
            Some(runner) => Some(runner?),
            None => None,
        },
    })
}

/// Whether a folder is another one or lies in it, symbolic links followed.
fn lies_within(folder: &Path, root: &Path) -> bool {
    let resolved = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    resolved(folder).starts_with(resolved(root))
}

fn mail(scope: &Scope<'_>, given: &wire::Mail, context: &Context<'_>) -> Option<Mail> {
    let host = scope
        .at("host")
        .required(given.host.clone(), "give the SMTP server's name");
    let port = scope
        .at("port")
        .required(given.port, "give its port, usually 465 or 587");
    let security = scope
        .at("security")
        .required(given.security, "`tls`, `starttls` or `none`")
        .map(security);
    let from = text::address(&scope.at("from"), given.from.as_deref());
    let from_name = scope
        .at("from_name")
        .required(given.from_name.clone(), "name the sender");
    let password = scope.at("password");
    let secret = given
        .password
        .as_ref()
        .and_then(|given| secrets::secret(&password, given, context));
    let username = scope.at("username");
    if given.username.is_some() && given.password.is_none() && !password.is_broken() {
        username.error("needs `password` beside it");
    }
    if given.password.is_some() && given.username.is_none() && !username.is_broken() {
        password.error("needs `username` beside it");
    }
    let credentials = given.username.clone().zip(secret);
    let host = host?;
    if security == Some(MailSecurity::None) && !is_loopback(&host) {
        scope
            .at("security")
            .error("`none` is only for a server on loopback: passcodes would travel in the open");
    }
    Some(Mail {
        host,
        port: port?,
        security: security?,
        credentials,
        from: from?,
        from_name: from_name?,
    })
}

const fn security(given: wire::MailSecurity) -> MailSecurity {
    match given {
        wire::MailSecurity::Tls => MailSecurity::Tls,
        wire::MailSecurity::StartTls => MailSecurity::StartTls,
        wire::MailSecurity::None => MailSecurity::None,
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

fn proxies(scope: &Scope<'_>, given: &[String]) -> Vec<IpNet> {
    let parse = |(index, text): (usize, &String)| {
        let scope = scope.element(index);
        let network = scope.parse(Some(text), |text| {
            let address = || text.parse::<IpAddr>().map(IpNet::from);
            text.parse::<IpNet>()
                .or_else(|_| address())
                .map_err(|_| "is not an address or a network such as `10.0.0.0/8`")
        })?;
        if network.prefix_len() == 0 {
            scope.error("covers every address: anybody could claim to be anybody");
        }
        Some(network)
    };
    given.iter().enumerate().filter_map(parse).collect()
}

fn passcodes_need_mail(documents: &Documents, context: &Context<'_>) {
    for provider in documents.providers.values().flatten() {
        if provider.content.kind.as_deref() == Some("email-otp") {
            provider
                .scope(context.problems)
                .at("kind")
                .error("`email-otp` sends mail: add `[mail]` to default.toml");
        }
    }
}
