//! What may be expected: the keys of answers. Nothing is read from these types, they only describe.
#![expect(dead_code, reason = "described, and compared as they are written")]

use schemars::JsonSchema;
use serde_json::Value;

/// What the answer holds.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Expect {
    /// How it came out.
    #[schemars(extend("enum" = ["allow", "challenge", "request", "deny", "set", "reject"]))]
    outcome: Option<String>,
    /// The code of a refusal or a challenge.
    code: Option<String>,
    /// Microsoft's own code, where one is documented: `OSE…` for shares, `AADSTS…` otherwise.
    documented: Option<String>,
    /// Ways to sign in.
    methods: Option<Vec<String>>,
    /// Where a second factor is shown: `home` or `resource`.
    #[schemars(extend("enum" = ["home", "resource"]))]
    place: Option<String>,
    /// What made it allowed.
    ground: Option<Ground>,
    /// The rule that decided.
    decided_by: Option<Consulted>,
    /// Rules that were consulted.
    trace: Option<Vec<Consulted>>,
    /// What comes of a share or a redemption.
    effects: Option<Vec<Effect>>,
    /// What comes of a change.
    consequences: Option<Vec<Consequence>>,
    /// Why a change is refused.
    rejections: Option<Vec<Rejection>>,
}

/// What made it allowed.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ground {
    /// Id of a permission.
    permission: Option<String>,
    /// Id of a link.
    link: Option<String>,
}

/// A rule that was consulted.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Consulted {
    /// As whom, or about what, was judged: `person`, `link`, `share`, `redeem`, `configure`.
    path: Option<String>,
    /// Its name.
    rule: Option<String>,
    /// What it found: `pass`, `not-applicable`, `challenge`, `request`, `deny` or `reject`.
    verdict: Option<String>,
    /// The code of what it found.
    code: Option<String>,
    /// The setting that it rested on.
    setting: Option<String>,
    /// The value in effect.
    value: Option<Value>,
    /// Where that came from: `tenant`, `partition`, `site`, `directory`, `cloud` or `profile`.
    source: Option<String>,
}

/// What comes of a share or a redemption.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Effect {
    /// Which: `guest-created`, `guest-reused`, `no-directory-object`, `invitation-created`, `invitation-accepted`,
    /// `link-ends`, `guest-expires` or `audit`.
    effect: Option<String>,
    /// Whom it concerns.
    address: Option<String>,
    /// On whose behalf a guest is created.
    sponsor: Option<String>,
    /// Which manager invites: `directory` or `sharing`.
    manager: Option<String>,
    /// When something ends.
    at: Option<String>,
    /// The name in the audit log.
    operation: Option<String>,
}

/// What comes of a change.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Consequence {
    /// Which: `effective`, `sleeps`, `wakes`, `link-shortened`, `list-discarded` or `warning`.
    consequence: Option<String>,
    /// `tenant`, `site` or `directory`.
    scope: Option<String>,
    /// Name of the setting.
    key: Option<String>,
    /// Its value, as a text.
    value: Option<String>,
    /// Where the value comes from.
    source: Option<String>,
    /// Id of the link.
    link: Option<String>,
    /// When it ends.
    at: Option<String>,
    /// A warning, in words that stand after the key.
    message: Option<String>,
}

/// Why a change is refused.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rejection {
    /// `tenant`, `site` or `directory`.
    scope: Option<String>,
    /// Name of the setting.
    key: Option<String>,
    /// The value, as a text.
    value: Option<String>,
    /// The rule that it breaks, in words that stand after the key.
    rule: Option<String>,
}
