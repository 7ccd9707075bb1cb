//! Client registrations and the redirect addresses that they allow.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A registered client.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Client {
    /// `client_id`.
    pub id: String,
    /// `client_secret`.
    pub secret: String,
    /// Redirect addresses, for sign-in and sign-out. `*` stands for one or more characters other than
    /// `/`, `?`, `#` and `@`; everything else is compared exactly.
    pub redirect_uris: Vec<String>,
    /// Its public keys as JSON Web Keys, for `private_key_jwt`. One with a member `x5t#S256` is known by its certificate.
    #[serde(default)]
    pub keys: Vec<Value>,
    /// What an administrator consented to: `roles` of the tokens it gets for itself, and what `.default` means in the `scp` of
    /// those it gets for people.
    #[serde(default)]
    pub permissions: Vec<String>,
    /// Where it is told in a frame that somebody signed out.
    #[serde(default)]
    pub front_channel_logout: Option<String>,
}

impl Client {
    /// The demo's client `vestibule` with the secret `demo-secret`, on loopback hosts only.
    #[must_use]
    pub fn demo() -> Self {
        let callbacks = [
            "https://*.localhost:*/_vestibule/callback/*",
            "https://*.localhost/_vestibule/callback/*",
            "http://*.localhost:*/_vestibule/callback/*",
            "https://localhost:*/_vestibule/callback/*",
            "http://localhost:*/_vestibule/callback/*",
            "https://127.0.0.1:*/_vestibule/callback/*",
            "http://127.0.0.1:*/_vestibule/callback/*",
            "https://*.localhost:*/",
            "https://*.localhost:*/_vestibule/sign-out",
        ];
        Self {
            id: "vestibule".to_owned(),
            secret: "demo-secret".to_owned(),
            redirect_uris: callbacks.map(str::to_owned).to_vec(),
            keys: Vec::new(),
            permissions: Vec::new(),
            front_channel_logout: None,
        }
    }

    /// The demo's client for programs that call APIs: `99999999-0000-4000-8000-000000000001` with the secret `demo-programs-secret`; it may do
    /// everything that sharing has permissions for.
    #[must_use]
    pub fn programs() -> Self {
        let permissions = [
            "User.Invite.All",
            "User.ReadWrite.All",
            "Directory.ReadWrite.All",
            "Files.ReadWrite.All",
            "Sites.ReadWrite.All",
            "Sites.FullControl.All",
            "SharePointTenantSettings.ReadWrite.All",
            "Policy.Read.All",
            "Policy.ReadWrite.Authorization",
            "Policy.ReadWrite.CrossTenantAccess",
            "Policy.ReadWrite.AuthenticationMethod",
            "Policy.Read.B2BManagementPolicy",
            "Policy.ReadWrite.B2BManagementPolicy",
            "IdentityProvider.ReadWrite.All",
            "AuditLog.Read.All",
            "Vestibule.ReadWrite.All",
        ];
        Self {
            id: "99999999-0000-4000-8000-000000000001".to_owned(),
            secret: "demo-programs-secret".to_owned(),
            redirect_uris: Vec::new(),
            permissions: permissions.map(str::to_owned).to_vec(),
            keys: Vec::new(),
            front_channel_logout: None,
        }
    }

    /// Whether `uri` may be redirected to.
    #[must_use]
    pub fn allows(&self, uri: &str) -> bool {
        self.redirect_uris
            .iter()
            .any(|pattern| matches(pattern, uri))
    }
}

fn matches(pattern: &str, uri: &str) -> bool {
    let Some((literal, rest)) = pattern.split_once('*') else {
        return pattern == uri;
    };
    let Some(tail) = uri.strip_prefix(literal) else {
        return false;
    };
    let stop = tail.find(['/', '?', '#', '@']).unwrap_or(tail.len());
    tail.char_indices()
        .map(|(start, character)| start + character.len_utf8())
        .take_while(|end| *end <= stop)
        .any(|end| {
            tail.get(end..)
                .is_some_and(|remaining| matches(rest, remaining))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uri: &str, want: bool) {
        assert_eq!(Client::demo().allows(uri), want, "{uri}");
    }

    #[test]
    fn a_star_stays_inside_its_host_label_port_or_path_segment() {
        check(
            "https://contoso.localhost:8443/_vestibule/callback/google",
            true,
        );
        check("http://127.0.0.1:8080/_vestibule/callback/openid", true);
        check("https://contoso.localhost:8443/_vestibule/callback/", false);
        check(
            "https://contoso.localhost:8443/_vestibule/callback/google/more",
            false,
        );
        check(
            "https://contoso.localhost:8443/_vestibule/callback/google?x=1",
            false,
        );
        check(
            "https://evil.example/.localhost:1/_vestibule/callback/google",
            false,
        );
        check(
            "https://evil.example#.localhost:1/_vestibule/callback/google",
            false,
        );
        check(
            "https://user@evil.localhost:1/_vestibule/callback/google",
            false,
        );
        check(
            "https://contoso.localhost:8443@evil.example/_vestibule/callback/google",
            false,
        );
    }
}
