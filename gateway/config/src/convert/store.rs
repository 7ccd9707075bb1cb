//! Where the store is.

use std::net::IpAddr;
use std::path::Path;

use url::Url;

use super::{Context, secrets};
use crate::model::StoreLocation;
use crate::source::Scope;
use crate::wire;

/// A database of PostgreSQL where one is given, else the file: the defaults name one.
pub(super) fn convert(
    scope: &Scope<'_>,
    given: &wire::Store,
    context: &Context<'_>,
) -> Option<StoreLocation> {
    let Some(postgresql) = &given.postgresql else {
        let scope = scope.at("path");
        let path = scope.required(given.path.as_deref(), "give the path of the SQLite file")?;
        return Some(StoreLocation::Sqlite(scope.path(path)));
    };
    let scope = scope.at("postgresql");
    let at_url = scope.at("url");
    let url = at_url.required(
        postgresql.url.as_deref(),
        "give a URL such as `postgresql://vestibule@db.example/vestibule?sslmode=verify-full`",
    );
    let url = url.and_then(|text| at_url.parse(Some(text), database));
    let password = postgresql
        .password
        .as_ref()
        .map(|given| secrets::secret(&scope.at("password"), given, context));
    Some(StoreLocation::Postgresql {
        url: url?,
        password: match password {
            Some(password) => Some(password?),
            None => None,
        },
    })
}

/// The URL of a database, whose server is this machine's or proves who it is.
fn database(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not a URL")?;
    if !matches!(url.scheme(), "postgresql" | "postgres") {
        return Err("must begin with `postgresql://`");
    }
    // Of a parameter that is named twice the last counts, and some have two names: all of them must fit.
    let all = |names: &[&str]| -> Vec<String> {
        url.query_pairs()
            .filter(|(key, _)| names.contains(&&**key))
            .map(|(_, value)| value.into_owned())
            .collect()
    };
    if url.password().is_some() || !all(&["password"]).is_empty() {
        return Err("must not hold the password: give it as `password`, by reference");
    }
    if url.path().trim_start_matches('/').is_empty() && all(&["dbname"]).is_empty() {
        return Err("must name the database after the host: `/vestibule`");
    }
    let mut hosts = all(&["host", "hostaddr"]);
    hosts.extend(url.host_str().map(str::to_owned));
    if hosts.is_empty() {
        return Err("must name the host, or the folder of the socket as `?host=/run/postgresql`");
    }
    let modes = all(&["sslmode", "ssl-mode"]);
    let proven = !modes.is_empty() && modes.iter().all(|mode| mode == "verify-full");
    if !proven && !hosts.iter().all(|host| is_here(host)) {
        return Err("needs `?sslmode=verify-full`: anybody could answer in the server's place");
    }
    Ok(url)
}

/// Whether nobody on the way could answer for that host.
fn is_here(host: &str) -> bool {
    let bare = host.trim_matches(['[', ']']);
    host == "localhost"
        || Path::new(host).is_absolute()
        || bare
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_elsewhere_proves_who_it_is() {
        for good in [
            "postgresql:///vestibule?host=/run/postgresql&user=vestibule",
            "postgresql://vestibule@localhost/vestibule",
            "postgres://vestibule@127.0.0.1:5433/vestibule",
            "postgresql://vestibule@[::1]/vestibule",
            "postgresql://vestibule@db.contoso.com:5432/vestibule?sslmode=verify-full",
        ] {
            assert!(database(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("vestibule", "URL"),
            ("mysql://localhost/vestibule", "postgresql://"),
            ("postgresql://a:secret@localhost/vestibule", "by reference"),
            (
                "postgresql:///vestibule?host=/run/postgresql&password=x",
                "by reference",
            ),
            ("postgresql://localhost/", "database"),
            ("postgresql:///vestibule", "host"),
            ("postgresql://db.contoso.com/vestibule", "verify-full"),
            (
                "postgresql://db.contoso.com/vestibule?sslmode=require",
                "verify-full",
            ),
            (
                "postgresql://db.contoso.com/vestibule?sslmode=verify-full&sslmode=disable",
                "verify-full",
            ),
            (
                "postgresql://db.contoso.com/vestibule?sslmode=verify-full&ssl-mode=disable",
                "verify-full",
            ),
            (
                "postgresql://localhost/vestibule?host=db.contoso.com",
                "verify-full",
            ),
            (
                "postgresql:///vestibule?host=/run/postgresql&hostaddr=192.0.2.1",
                "verify-full",
            ),
        ] {
            let refused = database(bad).unwrap_err();
            assert!(refused.contains(why), "{bad}: {refused}");
        }
    }
}
