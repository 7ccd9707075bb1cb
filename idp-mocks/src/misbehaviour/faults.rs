//! The faults of an OpenID provider's documents, answers and tokens, and those of any transport.

use serde::{Deserialize, Serialize};

/// An enumeration of faults, each with its name and what it does.
macro_rules! faults {
    ($(#[$meta:meta])* $fault:ident { $($variant:ident $name:literal $about:literal)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $fault {
            $(#[doc = $about] #[serde(rename = $name)] $variant,)+
        }

        impl $fault {
            /// Every one, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name used by the control API and on the command line.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it does, in a sentence.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)+ }
            }
        }
    };
}

faults! {
    /// What an OpenID provider gets wrong in its documents, its callback and its tokens.
    OidcFault {
        MissingIssuer "missing-issuer" "The ID token has no `iss`."
        IssuerOfAnotherCloud "issuer-of-another-cloud" "Microsoft: `iss` is that of the same tenant in another cloud."
        TidNoGuid "tid-no-guid" "Microsoft: `tid` is `common`, and so is the tenant in `iss`."
        WorkKeyForConsumer "work-key-for-consumer" "Microsoft account: a token signed with the key of the work tenants."
        MissingAudience "missing-audience" "The ID token has no `aud`."
        PartyOfAnother "party-of-another" "`azp` is another client."
        MissingExpiry "missing-expiry" "The ID token has no `exp`."
        MissingIssuedAt "missing-issued-at" "The ID token has no `iat`."
        IssuedAhead "issued-ahead" "`iat` lies an hour ahead; the other times are right."
        IssuedLongAgo "issued-long-ago" "`iat` lies a day back; the other times are right."
        ClockBehind "clock-behind" "The clock is ten minutes behind, and with it every time; a client must accept that."
        ClockAhead "clock-ahead" "The clock is ten minutes ahead, and with it every time."
        MissingSubject "missing-subject" "The ID token has no `sub`, and no `oid` either."
        EmptySubject "empty-subject" "`sub` is empty, and `oid` too."
        EmailVerifiedText "email-verified-text" "Google: `email_verified` is the text `true`, which proves nothing."
        WrongAccessTokenHash "wrong-access-token-hash" "`at_hash` is that of another access token."
        DoubledClaim "doubled-claim" "`iss` stands twice in the ID token, somebody else's first."
        AccessTokenType "access-token-type" "`typ` is `at+jwt`."
        LogoutTokenType "logout-token-type" "`typ` is `logout+jwt`."
        Hs256ClientSecret "hs256-client-secret" "`alg` is `HS256`, keyed with the client's secret."
        EmbeddedKey "embedded-key" "Signed with a key that nobody published and that the header brings along as `jwk`."
        KeySetInHeader "key-set-in-header" "The header names a key set of somebody else as `jku`; signed with an unpublished key."
        CriticalHeader "critical-header" "The header holds `crit` with an extension that nobody knows."
        Compressed "compressed" "The header holds `zip`."
        Encrypted "encrypted" "Five segments, as if encrypted."
        TwoSegments "two-segments" "The ID token ends before its signature."
        Oversized "oversized" "The ID token is longer than 64 KiB."
        ManyDots "many-dots" "The ID token is 100 000 dots."
        FreshKid "fresh-kid" "Every token names a `kid` that was never there before."
        HostileText "hostile-text" "The name is markup, a format string and a terminal's escape sequence."
        MissingIdToken "missing-id-token" "The token endpoint gives an access token only."
        TokenInCallback "token-in-callback" "The callback brings an `id_token` beside the code."
        DoubledState "doubled-state" "The callback brings `state` twice."
        DoubledCode "doubled-code" "The callback brings `code` twice."
        WrongState "wrong-state" "The callback brings another `state`."
        MissingState "missing-state" "The callback brings no `state`."
        MissingCode "missing-code" "The callback brings no `code`."
        HostileError "hostile-error" "The callback brings an error that is markup, a format string and an escape sequence."
        ForeignDocument "foreign-document" "The discovery document names another issuer."
        TokenEndpointElsewhere "token-endpoint-elsewhere" "The discovery document names a token endpoint at another host."
        KeysElsewhere "keys-elsewhere" "The discovery document names a key set at another host."
        NoKeys "no-keys" "The key set is empty."
        KeysWithoutIssuer "keys-without-issuer" "Microsoft: the keys do not say whose tokens they may sign."
    }
}

faults! {
    /// What goes wrong on the way, whatever is said.
    WireFault {
        Down "down" "The connection is closed without an answer."
        HalfOpen "half-open" "The request is taken and never answered."
        Stalled "stalled" "The answer begins and never goes on."
        WrongContentType "wrong-content-type" "The answer is a web page with status 200, as portals and proxies give it."
        NotJson "not-json" "The answer says that it is JSON, and is not."
        RedirectElsewhere "redirect-elsewhere" "The answer is a redirect to another host."
        RedirectInside "redirect-inside" "The answer is a redirect to an address of the client's own machine."
        ExpiredCertificate "expired-certificate" "The certificate is over. HTTPS only."
        ForeignCertificate "foreign-certificate" "The certificate is for another name, by nobody known. HTTPS only."
    }
}

faults! {
    /// What is wrong with a logout token, beside what can be wrong with any token.
    LogoutFault {
        WithNonce "with-nonce" "It has a `nonce`, as only an ID token has."
        NoEvents "no-events" "It has no `events`."
        WrongEvent "wrong-event" "Its `events` hold another event."
        EventNoObject "event-no-object" "The event is no object."
        NoId "no-id" "It has no `jti`."
        SameId "same-id" "Its `jti` is always the same."
        NobodyNamed "nobody-named" "It has neither `sid` nor `sub`."
        Over "over" "It ended an hour ago."
        FromLongAgo "from-long-ago" "`iat` lies a day back; `exp` is right."
        FromTheFuture "from-the-future" "`iat` lies an hour ahead."
        PlainType "plain-type" "`typ` is `JWT`, as older providers write."
        OtherType "other-type" "`typ` is `at+jwt`."
        NoType "no-type" "`typ` is `null`."
    }
}

impl LogoutFault {
    /// The fault of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.name() == name)
    }
}
