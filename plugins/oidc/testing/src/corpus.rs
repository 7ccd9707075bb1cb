//! Bad ID tokens, each one change away from a good one.

#![expect(
    clippy::semicolon_if_nothing_returned,
    reason = "the rows of a table are expressions"
)]

use plugins_sdk::Provider;
use plugins_sdk::message::RejectReason;
use plugins_sdk::testing::Driver;
use serde_json::{Value, json};

use crate::keys::{self, base64};
use crate::scene::{NOW, Scene, assert_done, assert_rejected};
use crate::token::Token;

/// One change.
pub(crate) type Change = fn(&mut Token);

/// A bad token: what is wrong with it, what the operator is told, and the change.
pub(crate) type Row = (&'static str, &'static str, Change);

/// What is wrong with a bad token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// S104: which algorithm and key.
    Algorithms,
    /// S104, S105, S106: headers that ask for special handling.
    Headers,
    /// S105, S106: shapes that are no signed token.
    Shapes,
    /// S102: who says it.
    Issuers,
    /// S102: for whom it is.
    Audiences,
    /// S064, S102, S115: when it holds.
    Times,
    /// S099: to what it belongs.
    Bindings,
}

impl Group {
    /// Every group.
    pub const ALL: [Self; 7] = [
        Self::Algorithms,
        Self::Headers,
        Self::Shapes,
        Self::Issuers,
        Self::Audiences,
        Self::Times,
        Self::Bindings,
    ];

    fn rows(self) -> &'static [Row] {
        match self {
            Self::Algorithms => ALGORITHMS,
            Self::Headers => HEADERS,
            Self::Shapes => SHAPES,
            Self::Issuers => ISSUERS,
            Self::Audiences => AUDIENCES,
            Self::Times => TIMES,
            Self::Bindings => BINDINGS,
        }
    }
}

/// Plays a good scene, which must end in claims, and the same with each bad token, which must not.
///
/// - `scene`: makes the good scene. Its provider is registered as client `client` with
///   [`keys::CLIENT_SECRET`] and allows 60 seconds of difference between clocks.
///
/// # Panics
/// If a bad token is accepted, or refused for another reason than what is wrong with it, or if anything is asked of
/// anybody because of what it says (S114).
pub fn replay<P: Provider>(driver: &Driver<P>, scene: impl Fn() -> Scene) {
    let rows: usize = Group::ALL.iter().map(|group| group.rows().len()).sum();
    assert!(rows >= 40, "the corpus has shrunk to {rows}");
    replay_groups(driver, scene, &Group::ALL);
}

/// [`replay`] with some of the groups.
///
/// # Panics
/// As [`replay`].
pub fn replay_groups<P: Provider>(driver: &Driver<P>, scene: impl Fn() -> Scene, groups: &[Group]) {
    assert_done(scene().play(driver));
    for (name, detail, change) in groups.iter().flat_map(|group| group.rows()) {
        let mut bad = scene();
        bad.spoil = Box::new(*change);
        let reason = match *detail {
            "expired" => RejectReason::CredentialInvalid,
            _ => RejectReason::AnswerInvalid,
        };
        let played = bad.play(driver);
        assert_rejected(&played, name, reason, detail);
        let beyond = played.fetched_beyond(&bad);
        assert!(beyond.is_empty(), "{name}: {beyond:?} was asked for");
    }
}

/// S104: which algorithm and key.
pub(crate) const ALGORITHMS: &[Row] = &[
    ("alg none, unsigned", "algorithm not allowed", |token| {
        token.header("alg", "none");
        token.sign = keys::unsigned;
    }),
    ("alg none, signed", "algorithm not allowed", |token| {
        token.header("alg", "none")
    }),
    ("alg None", "algorithm not allowed", |token| {
        token.header("alg", "None")
    }),
    ("alg empty", "algorithm not allowed", |token| {
        token.header("alg", "")
    }),
    ("alg missing", "header", |token| {
        token.header.remove("alg");
    }),
    ("alg a list", "header", |token| {
        token.header("alg", json!(["RS256"]))
    }),
    (
        "HS256 with the public key",
        "algorithm not allowed",
        |token| {
            token.header("alg", "HS256");
            token.sign = keys::hs256_public_key;
        },
    ),
    (
        "HS256 with the client secret",
        "algorithm not allowed",
        |token| {
            token.header("alg", "HS256");
            token.sign = keys::hs256_client_secret;
        },
    ),
    ("RS384", "algorithm not allowed", |token| {
        token.header("alg", "RS384")
    }),
    ("EdDSA", "algorithm not allowed", |token| {
        token.header("alg", "EdDSA")
    }),
    ("rs256 in lower case", "algorithm not allowed", |token| {
        token.header("alg", "rs256")
    }),
    ("PS256 said, RS256 done", "signature wrong", |token| {
        token.header("alg", "PS256")
    }),
    ("ES256 said of an RSA key", "does not publish", |token| {
        token.header("alg", "ES256")
    }),
    (
        "ES256 with a signature of zeros",
        "signature wrong",
        |token| {
            token.header("alg", "ES256");
            token.header("kid", keys::EC);
            token.sign = |_| vec![0; 64];
        },
    ),
    ("somebody else's key", "signature wrong", |token| {
        token.sign = keys::foreign_rs256
    }),
    ("unknown kid", "does not publish", |token| {
        token.header("kid", "unknown")
    }),
    (
        "somebody else's key in the header",
        "signature wrong",
        |token| {
            token.header("jwk", keys::foreign_jwk(keys::RSA));
            token.sign = keys::foreign_rs256;
        },
    ),
    (
        "somebody else's key set in the header",
        "does not publish",
        |token| {
            token.header("jku", "https://mallory.example/keys");
            token.header("kid", "mallory");
            token.sign = keys::foreign_rs256;
        },
    ),
    ("unsigned", "signature wrong", |token| {
        token.sign = keys::unsigned
    }),
    ("signature cut short", "signature wrong", |token| {
        token.sign = |message| {
            let mut signature = keys::rs256(message);
            signature.truncate(128);
            signature
        };
    }),
    ("signature with a bit flipped", "signature wrong", |token| {
        token.sign = |message| {
            let mut signature = keys::rs256(message);
            if let Some(byte) = signature.first_mut() {
                *byte ^= 1;
            }
            signature
        };
    }),
    ("signature of something else", "signature wrong", |token| {
        token.sign = |_| keys::rs256(b"something else");
    }),
    ("claims changed after signing", "signature wrong", |token| {
        token.rewrite = |text| {
            let mut segments = text.split('.');
            let header = segments.next().unwrap_or_default();
            let claims = segments.next().unwrap_or_default();
            let signature = segments.next().unwrap_or_default();
            format!("{header}.{}.{signature}", with_blank(claims))
        };
    }),
    ("header changed after signing", "signature wrong", |token| {
        token.rewrite = |text| {
            let (header, rest) = text.split_once('.').unwrap_or_default();
            format!("{}.{rest}", with_blank(header))
        };
    }),
];

/// S104, S105, S106: headers that ask for special handling.
pub(crate) const HEADERS: &[Row] = &[
    ("crit", "special handling", |token| {
        token.header("crit", json!(["exp"]))
    }),
    ("crit empty", "special handling", |token| {
        token.header("crit", json!([]))
    }),
    ("crit null", "special handling", |token| {
        token.header("crit", Value::Null)
    }),
    ("compressed", "special handling", |token| {
        token.header("zip", "DEF")
    }),
    ("encrypted", "special handling", |token| {
        token.header("enc", "A256GCM")
    }),
    ("nested", "special handling", |token| {
        token.header("cty", "JWT")
    }),
    ("payload not encoded", "special handling", |token| {
        token.header("b64", false)
    }),
    ("an access token", "another type", |token| {
        token.header("typ", "at+jwt")
    }),
    ("a logout token", "another type", |token| {
        token.header("typ", "logout+jwt")
    }),
    ("a security event", "another type", |token| {
        token.header("typ", "secevent+jwt")
    }),
    ("header twice the same member", "header", |token| {
        token.rewrite_header = |json| json.replacen('{', r#"{"alg":"RS256","#, 1);
    }),
];

/// S105, S106: shapes that are no signed token.
pub(crate) const SHAPES: &[Row] = &[
    ("nothing", "one segment", |token| {
        token.rewrite = |_| String::new()
    }),
    ("one segment", "one segment", |token| {
        token.rewrite = |text| text.replace('.', "");
    }),
    ("two segments", "not three segments", |token| {
        token.rewrite = |text| {
            text.rsplit_once('.')
                .map(|(rest, _)| rest.to_owned())
                .unwrap_or_default()
        };
    }),
    ("four segments", "not three segments", |token| {
        token.rewrite = |text| format!("{text}.AA")
    }),
    (
        "five segments, as if encrypted",
        "not three segments",
        |token| {
            token.rewrite = |text| format!("{text}.AA.AA");
        },
    ),
    ("encrypted for us", "special handling", |token| {
        token.header("alg", "dir");
        token.header("enc", "A256GCM");
    }),
    (
        "encrypted, with a tag cut short",
        "not three segments",
        |token| {
            token.rewrite = |text| {
                let header = base64(r#"{"alg":"dir","enc":"A256GCM"}"#);
                let payload = text.split('.').nth(1).unwrap_or_default();
                format!("{header}..{}.{payload}.{}", base64([0; 12]), base64([0; 4]))
            };
        },
    ),
    ("dots", "not three segments", |token| {
        token.rewrite = |_| ".".repeat(16_000)
    }),
    ("many dots", "longer than 16 KiB", |token| {
        token.rewrite = |_| ".".repeat(100_000)
    }),
    ("too long", "longer than 16 KiB", |token| {
        token.claim("x", "x".repeat(16_384))
    }),
    ("padded", "signature", |token| {
        token.rewrite = |text| format!("{text}==")
    }),
    ("line feed at its end", "signature", |token| {
        token.rewrite = |text| format!("{text}\n")
    }),
    ("claims a list", "claims", |token| {
        token.rewrite_claims = |json| format!("[{json}]")
    }),
    ("claims followed by more", "claims", |token| {
        token.rewrite_claims = |json| format!("{json}{{}}")
    }),
    ("claims no JSON", "claims", |token| {
        token.rewrite_claims = |_| "claims".to_owned()
    }),
    ("iss twice", "claims", |token| {
        token.rewrite_claims = |json| json.replacen('{', r#"{"iss":"https://mallory.example","#, 1);
    }),
    ("sub twice", "claims", |token| {
        token.rewrite_claims = |json| json.replacen('{', r#"{"sub":"mallory","#, 1);
    }),
    ("nonce twice", "claims", |token| {
        token.rewrite_claims = |json| json.replacen('{', r#"{"nonce":"n","#, 1);
    }),
    ("sub missing", "claims", |token| token.without_claim("sub")),
    ("sub null", "claims", |token| {
        token.claim("sub", Value::Null)
    }),
    ("sub empty", "`sub`", |token| token.claim("sub", "")),
    ("sub a number", "claims", |token| token.claim("sub", 1)),
    ("sub too long", "`sub`", |token| {
        token.claim("sub", "s".repeat(256))
    }),
    ("sub not ASCII", "`sub`", |token| {
        token.claim("sub", "subject\u{200b}")
    }),
];

/// S102: who says it.
const ISSUERS: &[Row] = &[
    ("iss missing", "claims", |token| token.without_claim("iss")),
    ("iss of somebody else", "issuer not trusted", |token| {
        token.claim("iss", "https://mallory.example")
    }),
    ("iss empty", "issuer not trusted", |token| {
        token.claim("iss", "")
    }),
    ("iss with a slash more", "issuer not trusted", |token| {
        append(token, "iss", "/")
    }),
    ("iss with a suffix", "issuer not trusted", |token| {
        append(token, "iss", ".mallory.example")
    }),
    ("iss in upper case", "issuer not trusted", |token| {
        let upper = text(token, "iss").to_uppercase();
        token.claim("iss", upper);
    }),
    ("iss a list", "claims", |token| {
        let list = json!([text(token, "iss")]);
        token.claim("iss", list);
    }),
];

/// S102: for whom it is.
const AUDIENCES: &[Row] = &[
    ("aud missing", "claims", |token| token.without_claim("aud")),
    ("aud of somebody else", "audience wrong", |token| {
        token.claim("aud", "mallory")
    }),
    ("aud empty", "audience wrong", |token| {
        token.claim("aud", "")
    }),
    ("aud an empty list", "audience wrong", |token| {
        token.claim("aud", json!([]))
    }),
    ("aud a list without us", "audience wrong", |token| {
        token.claim("aud", json!(["a", "b"]))
    }),
    ("aud in upper case", "audience wrong", |token| {
        token.claim("aud", "CLIENT")
    }),
    ("aud with a suffix", "audience wrong", |token| {
        token.claim("aud", "client2")
    }),
    ("aud a number", "claims", |token| token.claim("aud", 1)),
    (
        "aud also somebody else, no azp",
        "authorized party",
        |token| {
            token.claim("aud", json!(["client", "mallory"]));
            token.claims.remove("azp");
        },
    ),
    ("azp of somebody else", "authorized party", |token| {
        token.claim("azp", "mallory")
    }),
    ("azp empty", "authorized party", |token| {
        token.claim("azp", "")
    }),
    (
        "several aud, azp of somebody else",
        "authorized party",
        |token| {
            token.claim("aud", json!(["client", "mallory"]));
            token.claim("azp", "mallory");
        },
    ),
];

/// S064, S102, S115: when it holds. The token is judged at `NOW + 30`, with 60 seconds of leeway.
const TIMES: &[Row] = &[
    ("exp missing", "claims", |token| token.without_claim("exp")),
    ("exp null", "claims", |token| {
        token.claim("exp", Value::Null)
    }),
    ("exp past", "expired", |token| {
        token.claim("exp", NOW - 3600)
    }),
    ("exp at the end of the leeway", "expired", |token| {
        token.claim("exp", NOW - 30)
    }),
    ("exp zero", "expired", |token| token.claim("exp", 0)),
    ("exp text", "claims", |token| {
        token.claim("exp", (NOW + 3600).to_string())
    }),
    ("exp negative", "claims", |token| token.claim("exp", -1)),
    ("exp beyond all dates", "claims", |token| {
        token.claim("exp", i64::MAX)
    }),
    ("exp beyond 63 bits", "claims", |token| {
        token.claim("exp", u64::MAX)
    }),
    ("exp 1e300", "claims", |token| token.claim("exp", 1e300)),
    ("exp 1e400", "claims", |token| {
        token.claim("exp", "E");
        token.rewrite_claims = |json| json.replace(r#""E""#, "1e400");
    }),
    ("exp true", "claims", |token| token.claim("exp", true)),
    ("iat missing", "claims", |token| token.without_claim("iat")),
    ("iat in the future", "another time", |token| {
        token.claim("iat", NOW + 91)
    }),
    ("iat hours ago", "another time", |token| {
        token.claim("iat", NOW - 7200)
    }),
    ("iat text", "claims", |token| {
        token.claim("iat", NOW.to_string())
    }),
    ("nbf in the future", "not valid yet", |token| {
        token.claim("nbf", NOW + 91)
    }),
    ("nbf text", "claims", |token| token.claim("nbf", "soon")),
];

/// S099: to what it belongs.
const BINDINGS: &[Row] = &[
    ("nonce missing", "nonce", |token| {
        token.without_claim("nonce")
    }),
    ("nonce empty", "nonce", |token| token.claim("nonce", "")),
    ("nonce of another sign-in", "nonce", |token| {
        token.claim("nonce", base64([1; 32]))
    }),
    ("nonce with a suffix", "nonce", |token| {
        append(token, "nonce", "A")
    }),
    ("nonce a number", "claims", |token| token.claim("nonce", 0)),
    (
        "at_hash of another access token",
        "access token hash",
        |token| {
            token.claim("at_hash", base64([1; 16]));
        },
    ),
    ("at_hash empty", "access token hash", |token| {
        token.claim("at_hash", "")
    }),
];

/// The segment with a blank before its closing brace: other bytes, same meaning.
fn with_blank(segment: &str) -> String {
    use base64::Engine;
    let bytes = base64::prelude::BASE64_URL_SAFE_NO_PAD
        .decode(segment)
        .expect("a segment is base64url");
    let json = String::from_utf8(bytes).expect("a segment is JSON");
    base64(json.replacen('{', "{ ", 1))
}

fn text(token: &Token, claim: &str) -> String {
    let value = token.claims.get(claim).and_then(Value::as_str);
    value
        .expect("the good token has this claim as text")
        .to_owned()
}

pub(crate) fn append(token: &mut Token, claim: &str, suffix: &str) {
    let longer = text(token, claim) + suffix;
    token.claim(claim, longer);
}
