//! Settings of the process.

use crate::support::World;

fn own(text: &str) -> World {
    World::new().file(
        "own/default.toml",
        &format!("[plugins]\ndirectory = \".\"\n{text}"),
    )
}

#[test]
fn plain_http_is_said_in_so_many_words() {
    own("[listen.public]\naddress = \"127.0.0.1:80\"\n").refused(&[
        "own/default.toml:3:9: listen.public: has neither `tls` nor `plain_http = true`: give `tls = { certificate = \"…\", key = \"…\" }`, or say that something in front ends TLS",
    ]);
    own("[listen.public]\nplain_http = true\ntls = { certificate = \"c\", key = \"k\" }\n")
        .file("own/c", "")
        .file("own/k", "")
        .refused(&["own/default.toml:4:1: listen.public.plain_http: contradicts `tls`: remove one of the two"]);
}

#[test]
fn certificate_and_key_are_there_and_the_key_is_closed() {
    let tls = "[listen.public]\ntls = { certificate = \"chain.pem\", key = \"key.pem\" }\n";
    let world = own(tls);
    let folder = world.path("own");
    let open = |name: &str| {
        folder
            .join(name)
            .display()
            .to_string()
            .replace(&format!("{}/", folder.parent().unwrap().display()), "")
    };
    world.refused(&[
        &format!("own/default.toml:4:9: listen.public.tls.certificate: `{}` cannot be opened: No such file or directory (os error 2)", open("chain.pem")),
        &format!("own/default.toml:4:36: listen.public.tls.key: `{}` cannot be opened: No such file or directory (os error 2)", open("key.pem")),
    ]);
    let world = world
        .file("own/chain.pem", "")
        .file("own/key.pem", "")
        .mode("own/chain.pem", 0o644);
    world.warned(&[]);
    assert!(world.loaded().configuration.gateway.public.tls.is_some());
    world.mode("own/key.pem", 0o640).refused(&[
        "own/default.toml:4:36: listen.public.tls.key: `own/key.pem` is open to others: run `chmod go= own/key.pem`",
    ]);
    own("[listen.public]\ntls = { certificate = \"chain.pem\" }\n")
        .file("own/chain.pem", "")
        .refused(&[
            "own/default.toml:4:1: listen.public.tls.key: is required: give the path of a PEM file",
        ]);
}

#[test]
fn health_and_metrics_stay_on_loopback() {
    World::new().gateway("[listen.operations]\naddress = \"0.0.0.0:9464\"\n").refused(&[
        "own/default.toml:8:1: listen.operations.address: must be on loopback: health and metrics are not for everybody",
    ]);
}

#[test]
fn spans_of_time_are_spans_in_their_range() {
    World::new()
        .gateway("[limits]\nheader_timeout = \"1h\"\nbody_idle_timeout = \"forever\"\n[sessions]\nidle = \"3h\"\nabsolute = \"2h\"\npasscode = \"25h\"\nattempt = \"0s\"\n")
        .refused(&[
            "own/default.toml:8:1: limits.header_timeout: must be 1s to 5m",
            "own/default.toml:9:1: limits.body_idle_timeout: is not a span of time such as `30s`, `10m` or `12h`",
            "own/default.toml:12:1: sessions.absolute: must not be less than `idle`",
            "own/default.toml:13:1: sessions.passcode: must be 1s to 1day",
            "own/default.toml:14:1: sessions.attempt: must be 1s to 1h",
        ]);
}

#[test]
fn addresses_and_networks_are_parsed() {
    World::new()
        .gateway("trusted_proxies = []\n[listen.operations]\naddress = \"localhost\"\n")
        .file("own/environments/worldwide.toml", "trusted_proxies = [\"10.0.0.0/8\", \"proxy\", \"0.0.0.0/0\"]\n")
        .refused(&[
            "own/default.toml:7:1: plugins.trusted_proxies: belongs to the top of the file: write `trusted_proxies` above the first table",
            "own/default.toml:9:1: listen.operations.address: is not an IP address with a port such as `127.0.0.1:8443` or `[::]:443`",
            "own/environments/worldwide.toml:1:34: trusted_proxies.1: is not an address or a network such as `10.0.0.0/8`",
            "own/environments/worldwide.toml:1:43: trusted_proxies.2: covers every address: anybody could claim to be anybody",
        ]);
}

#[test]
fn what_the_shipped_file_would_give_is_required() {
    let mut world = World::new();
    world.sources.directories.remove(0);
    world
        .file("own/clouds.toml", "clouds = {}\n")
        .file("own/environments/worldwide.toml", "")
        .refused(&[
            "own/clouds.toml:1:1: clouds: names no cloud: everything would be denied",
            "own/default.toml:1:1: cloud: is required: name a cloud of clouds.toml in the environment's file",
            "own/default.toml:1:1: limits.connections: is required: give a whole number",
            "own/default.toml:1:1: limits.connections_per_prefix: is required: give a whole number",
            "own/default.toml:1:1: limits.header_timeout: is required: give a span of time such as `30s`, `10m` or `12h`",
            "own/default.toml:1:1: limits.header_bytes: is required: give a whole number",
            "own/default.toml:1:1: limits.body_idle_timeout: is required: give a span of time such as `30s`, `10m` or `12h`",
            "own/default.toml:1:1: limits.upstream_connect_timeout: is required: give a span of time such as `30s`, `10m` or `12h`",
            "own/default.toml:1:1: limits.upstream_response_timeout: is required: give a span of time such as `30s`, `10m` or `12h`",
            "own/default.toml:1:1: limits.shutdown_deadline: is required: give a span of time such as `30s`, `10m` or `12h`",
            "own/default.toml:1:1: limits.attempts_per_prefix: is required: give a whole number",
            "own/default.toml:1:1: limits.mails_per_address: is required: give a whole number",
            "own/default.toml:1:1: limits.failures_per_address: is required: give a whole number",
            "own/default.toml:1:1: limits.unknown_links_per_prefix: is required: give a whole number",
            "own/default.toml:1:1: sessions.idle: is required: give a span of time such as `30s`, `10m` or `12h`",
            "own/default.toml:1:1: sessions.absolute: is required: give a span of time such as `30s`, `10m` or `12h`",
            "own/default.toml:1:1: sessions.passcode: is required: give a span of time such as `30s`, `10m` or `12h`",
            "own/default.toml:1:1: sessions.attempt: is required: give a span of time such as `30s`, `10m` or `12h`",
            "own/default.toml:1:1: store.max_staleness: is required: give a span of time such as `30s`, `10m` or `12h`",
            "own/default.toml:1:1: store.path: is required: give the path of the SQLite file",
            "own/default.toml:1:1: audit.allowed_access: is required: give `all`, `none`, or one in so many, such as `1/100`",
            "own/default.toml:1:1: audit.denials_per_minute: is required: give a whole number",
            "own/default.toml:1:1: audit.checkpoint_records: is required: give a whole number",
            "own/default.toml:1:1: audit.checkpoint_interval: is required: give a span of time such as `30s`, `10m` or `12h`",
            "own/default.toml:1:1: keys.directory: is required: give a folder",
            "own/default.toml:1:2: listen.operations.address: is required: give address and port such as `127.0.0.1:8443`",
            "own/default.toml:5:2: plugins.step_deadline: is required: give a span of time such as `30s`, `10m` or `12h`",
        ]);
}

#[test]
fn mail_is_protected_except_on_loopback() {
    let mail = |host: &str, more: &str| {
        World::new().gateway(&format!(
            "[mail]\nhost = \"{host}\"\nport = 25\nsecurity = \"none\"\nfrom = \"no-reply@contoso.example\"\nfrom_name = \"Contoso\"\n{more}"
        ))
    };
    mail("127.0.0.1", "").warned(&[]);
    mail("localhost", "").warned(&[]);
    mail("smtp.contoso.example", "").refused(&[
        "own/default.toml:10:1: mail.security: `none` is only for a server on loopback: passcodes would travel in the open",
    ]);
    mail("localhost", "username = \"u\"\n")
        .refused(&["own/default.toml:13:1: mail.username: needs `password` beside it"]);
    mail("localhost", "password = { env = \"SMTP\" }\n")
        .variable("SMTP", "x")
        .refused(&["own/default.toml:13:1: mail.password: needs `username` beside it"]);
    let world = mail(
        "localhost",
        "username = \"u\"\npassword = { env = \"SMTP\" }\n",
    )
    .variable("SMTP", "x");
    let (user, password) = world
        .loaded()
        .configuration
        .gateway
        .mail
        .unwrap()
        .credentials
        .unwrap();
    assert_eq!((user.as_str(), password.expose()), ("u", "x"));
}

#[test]
fn passcodes_need_mail() {
    World::new()
        .file("own/providers/openid.toml", &crate::support::PROVIDER.replace("kind = \"openid\"", "kind = \"email-otp\""))
        .refused(&["own/providers/openid.toml:3:1: kind: `email-otp` sends mail: add `[mail]` to default.toml"]);
}

#[test]
fn the_folder_of_plugins_is_there_when_there_are_providers() {
    let gone = "[listen.public]\naddress = \"127.0.0.1:1\"\nplain_http = true\n[plugins]\ndirectory = \"gone\"\n";
    World::new()
        .file("own/default.toml", gone)
        .refused(&["own/default.toml:5:1: plugins.directory: `own/gone` is not a folder"]);
    let world = World::new()
        .file("own/default.toml", gone)
        .without("own/providers/openid.toml");
    assert!(world.load().is_ok());
}

#[test]
fn the_root_of_trust_is_around_the_folder_of_plugins() {
    let root = |folder: &str| {
        let text = crate::support::GATEWAY
            .replace(".\"", &format!("./plugins\"\ntrust_root = \"{folder}\""));
        World::new()
            .file("own/default.toml", &text)
            .file("own/plugins/x", "")
            .file("own/other/x", "")
    };
    for folder in ["./plugins", ".", "/", "other/.."] {
        root(folder).warned(&[]);
    }
    for folder in ["other", "plugins/x", "gone"] {
        root(folder).refused(&[
            "own/default.toml:7:1: plugins.trust_root: must be `directory`, or a folder around it",
        ]);
    }
}

#[test]
fn the_cloud_belongs_to_the_environment_and_is_known() {
    World::new().file("own/environments/worldwide.toml", "cloud = \"gcc-hgih\"\n").refused(&[
        "own/environments/worldwide.toml:1:1: cloud: `gcc-hgih` is not a cloud of clouds.toml: did you mean `gcc-high`?",
    ]);
    World::new().file("own/default.toml", &format!("cloud = \"gcc\"\n{}", crate::support::GATEWAY)).refused(&[
        "own/default.toml:1:1: cloud: is not a key of this table: it has `trusted_proxies`, `listen`, `limits`, `sessions`, `store`, `audit`, `keys`, `plugins`, `home_discovery`, `mail`",
    ]);
}

#[test]
fn the_audit_says_how_much_reading_it_holds() {
    use gateway_config::model::AllowedAccess;

    for (text, want) in [
        ("all", AllowedAccess::All),
        ("none", AllowedAccess::None),
        ("1/2", AllowedAccess::OneIn(2)),
        ("1/1000000", AllowedAccess::OneIn(1_000_000)),
    ] {
        let world = World::new().gateway(&format!("[audit]\nallowed_access = \"{text}\"\n"));
        let audit = world.loaded().configuration.gateway.audit;
        assert_eq!(audit.allowed_access, want);
        assert_eq!(audit.denials_per_minute, 10);
    }
    for text in ["1/1", "1/0", "1/1000001", "1/+5", "2/3", "some", "", "1/"] {
        World::new().gateway(&format!("[audit]\nallowed_access = \"{text}\"\n")).refused(&[
            "own/default.toml:8:1: audit.allowed_access: is not `all`, `none`, or one in so many, `1/2` to `1/1000000`",
        ]);
    }
    World::new()
        .gateway("[audit]\ncheckpoint_interval = \"25h\"\n")
        .refused(&["own/default.toml:8:1: audit.checkpoint_interval: must be 1s to 1day"]);
}
