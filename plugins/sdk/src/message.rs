//! The messages that cross the plugin boundary, as JSON.
//!
//! Names are stable: later versions of the contract only add optional fields and new event or step
//! kinds, guarded by the ABI's minor version: a plugin is never sent what its own version does not know. `schema/*.schema.json` is generated from these types.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Fields of a query string or form, in the order they were received; a name may occur only once
/// (the gateway refuses a repeated protocol parameter before a provider sees it).
pub type Fields = BTreeMap<String, String>;

/// What `describe` says about a plugin. Constant for a built library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Kind of provider, `[a-z0-9-]{1,64}`: `work-school`, `google`, …
    pub kind: String,
    /// Name shown to people when the configuration gives none, at most 80 characters.
    pub display_name: String,
    /// Version of the plugin, free text of at most 64 characters.
    pub version: String,
    /// Domains whose mailboxes live at this provider without any configuration, such as `gmail.com`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub home_domains: Vec<String>,
    /// What the plugin may ask the gateway to do. A step outside this list fails the sign-in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<Capability>,
    /// JSON Schema of `OpenRequest::settings`, for `vestibule check` and editors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings_schema: Option<serde_json::Value>,
}

/// Something only the gateway can do for a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// [`Step::Fetch`].
    Fetch,
    /// [`Step::Mail`].
    Mail,
    /// [`Step::Show`].
    Show,
}

/// What a provider instance is opened with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenRequest {
    /// Identifier of the configured instance, `[a-z0-9-]{1,64}`. One library may be opened many times.
    pub id: String,
    /// The cloud the gateway runs in.
    pub cloud: String,
    /// The clouds the gateway knows.
    pub clouds: Vec<CloudEndpoints>,
    /// 32 bytes, base64url without padding: a secret of this instance, the same on every node and
    /// across restarts, for keyed hashes kept in `state`.
    pub instance_key: String,
    /// The provider's own settings, secrets resolved.
    pub settings: serde_json::Value,
}

/// Where a cloud signs people in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloudEndpoints {
    /// Name of the cloud: `worldwide`, `gcc`, `gcc-high`, `dod`, `china-21vianet`, …
    pub name: String,
    /// Clouds of the same instance share their authority: `microsoftonline.com`, …
    pub instance: String,
    /// Origin of the sign-in authority, without trailing slash: `https://login.microsoftonline.us`.
    pub authority: String,
    /// Whether consumers (Microsoft accounts) exist at this authority.
    pub consumers: bool,
}

/// The outcome of `open`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "outcome", deny_unknown_fields)]
pub enum OpenAnswer {
    /// The instance is ready.
    Opened {
        /// Host names (`host` or `host:port`) this instance will fetch from; the configuration's list, if
        /// there is one, narrows it.
        fetch_hosts: Vec<String>,
    },
    /// Every problem with the settings, at once.
    Refused {
        /// At least one problem.
        problems: Vec<SettingProblem>,
    },
}

/// One thing wrong with a provider's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingProblem {
    /// Path of the key below `settings`, dotted: `client_id`, `tenants.0`.
    pub key: String,
    /// What is wrong and what to do, lower case, without full stop. Never holds a secret.
    pub message: String,
}

/// One input of the pure function `step`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Seconds since the Unix epoch. The only clock a provider has.
    pub now: i64,
    /// 32 fresh random bytes for this step, base64url without padding. The only randomness.
    pub entropy: String,
    /// The absolute URL of this instance's callback. Exact; to be sent to the provider as it is.
    pub redirect_uri: String,
    /// The attempt's handle: 128 random bits, base64url. To be sent as `state` or `RelayState`.
    pub attempt: String,
    /// What the previous step returned as `state`; absent at [`Event::Start`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// What happened.
    pub event: Event,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Event {
    /// A person wants to sign in.
    Start {
        /// The address the person typed, canonical form. A hint for the provider and the address to
        /// which a passcode goes; never proof.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
        /// Whether the provider must ask for the credential again.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        fresh: bool,
        /// Authentication contexts that must be satisfied (`C1`), for providers that know them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        contexts: Vec<String>,
        /// Whether the person must show a second factor. A provider that cannot ask for one goes on without:
        /// the gateway looks for `mfa` in [`Claims::amr`] itself. Since ABI 1.1.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        second_factor: bool,
    },
    /// The provider sent the browser back to `redirect_uri`.
    Callback {
        /// Parameters of the query string.
        #[serde(default)]
        query: Fields,
        /// Fields of a posted form; empty for GET.
        #[serde(default)]
        form: Fields,
        /// The query string as it was received, without `?`: what a signature over it was made of (SAML
        /// bindings, 3.4.4.1). Absent where there was none. Since ABI 1.1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        raw_query: Option<String>,
    },
    /// The person submitted the form of a [`Step::Show`]. Already counted.
    Submit {
        /// The form's fields, only those that the form declared.
        fields: Fields,
    },
    /// The answer to a [`Step::Fetch`].
    Response {
        /// HTTP status; 0 when no answer was had (`body` then holds the reason).
        status: u16,
        /// Selected response headers, lower-case names.
        #[serde(default)]
        headers: Fields,
        /// The body, UTF-8; a body that is not UTF-8 is delivered as status 0.
        body: String,
        /// Seconds since the Unix epoch at which the body was received from the network; earlier than
        /// `now` when it came from the cache.
        fetched_at: i64,
    },
    /// The mail of a [`Step::Mail`] was handed over (or silently not sent: a provider cannot tell).
    Sent,
    /// Something came to the instance's logout address: the provider asks to end sessions (back-channel or
    /// front-channel), or answers a sign-out that began here.
    LogoutRequest {
        /// Parameters of the query string.
        #[serde(default)]
        query: Fields,
        /// Fields of a posted form.
        #[serde(default)]
        form: Fields,
        /// The query string as it was received, without `?`: what a signature over it was made of (SAML
        /// bindings, 3.4.4.1). Absent where there was none. Since ABI 1.1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        raw_query: Option<String>,
    },
    /// The person signed out here; their session at the gateway has ended already. The provider may end its own
    /// too: [`Step::Redirect`] or [`Step::Post`] send the browser there, [`Step::Reject`] leaves it at that.
    /// `Input::attempt` is a fresh handle, to be sent as `state` or `RelayState`. Since ABI 1.1.
    SignOut {
        /// [`Claims::issuer`] of the session that ended.
        issuer: String,
        /// [`Claims::tenant`] of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tenant: Option<String>,
        /// [`Claims::subject`] of it.
        subject: String,
        /// [`Claims::sid`] of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sid: Option<String>,
        /// [`Claims::logout_hint`] of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        logout_hint: Option<String>,
        /// The absolute URL to which the provider shall send the browser afterwards. Exact.
        return_uri: String,
    },
    /// Somebody asks for this instance's metadata document.
    MetadataRequest,
}

/// What the gateway shall do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Step {
    /// Send the browser to `url` (https, or http on loopback); next event: [`Event::Callback`].
    Redirect {
        /// Absolute URL.
        url: String,
        /// At most 64 KiB, kept on the server.
        state: String,
    },
    /// Let the browser post `fields` to `url`; next event: [`Event::Callback`].
    Post {
        /// Absolute URL.
        url: String,
        /// Hidden fields of the form.
        fields: Fields,
        /// At most 64 KiB, kept on the server.
        state: String,
    },
    /// Show a form; next event: [`Event::Submit`].
    Show {
        /// The form.
        form: Form,
        /// How many submissions may be made in this attempt before it ends, 1–20. Counted by the gateway,
        /// atomically for the whole fleet, before the provider sees one.
        submits: u8,
        /// At most 64 KiB, kept on the server.
        state: String,
    },
    /// Fetch a document; next event: [`Event::Response`].
    Fetch {
        /// The request.
        request: FetchRequest,
        /// Whether a cached answer will do.
        freshness: Freshness,
        /// At most 64 KiB, kept on the server.
        state: String,
    },
    /// Send a mail; next event: [`Event::Sent`]. The gateway sends it only to an address with a live grant
    /// and within its limits, and never says which.
    Mail {
        /// The address: only the one of [`Event::Start`].
        to: String,
        /// Subject, one line, at most 120 characters.
        subject: String,
        /// Plain text, at most 4 KiB.
        text: String,
        /// At most 64 KiB, kept on the server.
        state: String,
    },
    /// The person is known.
    Done {
        /// What the provider says.
        claims: Claims,
        /// Ids that must never be accepted again.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        consume: Vec<Consume>,
    },
    /// Answer to [`Event::MetadataRequest`].
    Document {
        /// Media type.
        content_type: String,
        /// The document.
        body: String,
    },
    /// Answer to [`Event::LogoutRequest`]: sessions to end. With `sid` alone those that came of that session at the
    /// provider; with `sub` alone all of that person's, at every tenant; with both those of that person that came of
    /// that session (SAML's session indexes may recur). None that began after `at`.
    Ended {
        /// The issuer that asks, as in [`Claims::issuer`].
        issuer: String,
        /// The provider's session id, as in [`Claims::sid`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sid: Option<String>,
        /// The person, as in [`Claims::subject`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sub: Option<String>,
        /// Until when a session that ends may have begun, seconds since the Unix epoch: when the provider ended its
        /// own, and what its clock may be behind. Absent, or in the future, it is now. Since ABI 1.1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<i64>,
        /// Ids that must never be accepted again.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        consume: Vec<Consume>,
        /// Where to send the browser that brought the request, once the sessions have ended: SAML's
        /// `LogoutResponse`. Since ABI 1.1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        then: Option<Onward>,
    },
    /// Answer to [`Event::LogoutRequest`]: the provider confirms a sign-out that began here. Ends nothing. Since
    /// ABI 1.1.
    SignedOut {},
    /// The sign-in failed.
    Reject {
        /// Which of the fixed sentences the person sees.
        reason: RejectReason,
        /// For the operator's log, at most 1 KiB. Never a token, code or secret.
        detail: String,
    },
}

/// Where to send the browser at the end, without waiting for it to come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Onward {
    /// By GET.
    Redirect {
        /// Absolute URL.
        url: String,
    },
    /// By a form that posts itself.
    Post {
        /// Absolute URL.
        url: String,
        /// Hidden fields of the form.
        fields: Fields,
    },
}

/// A form for the person, rendered by the gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Heading, at most 80 characters.
    pub title: String,
    /// A sentence above the fields, at most 400 characters.
    pub text: String,
    /// 1–8 inputs.
    pub fields: Vec<FormField>,
    /// Label of the submit button, at most 40 characters.
    pub submit: String,
    /// Further buttons, at most 3; pressing one submits a field of its name with the value `1`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<FormButton>,
    /// What was wrong with the last submission, at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// One input of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormField {
    /// Name of the field, `[a-z][a-z0-9_]{0,31}`; not `attempt`.
    pub name: String,
    /// Its label, at most 80 characters.
    pub label: String,
    /// What kind of input.
    pub kind: FieldKind,
    /// Longest value, 1–1024 characters; longer submissions are refused.
    pub max_length: u16,
}

/// What kind of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FieldKind {
    /// One line of text.
    Text,
    /// A passcode: digits, offered by `autocomplete="one-time-code"`.
    OneTimeCode,
    /// A password.
    Password,
}

/// A further button of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormButton {
    /// Name of the field it submits, as [`FormField::name`].
    pub name: String,
    /// Its label, at most 40 characters.
    pub label: String,
}

/// An HTTP request for the gateway to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FetchRequest {
    /// `GET` or `POST`.
    pub method: FetchMethod,
    /// Absolute URL; its host must be among the instance's `fetch_hosts`.
    pub url: String,
    /// Headers, lower-case names.
    #[serde(default)]
    pub headers: Fields,
    /// Body of a POST.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// Methods a provider may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum FetchMethod {
    /// GET.
    Get,
    /// POST; never cached.
    Post,
}

/// Whether a cached answer will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Freshness {
    /// A document such as discovery or keys: cached, the last good one kept when the network fails.
    Cached,
    /// The cached one did not serve (an unknown key): fetched again, at most once per 5 minutes and URL; the
    /// cached one is delivered otherwise.
    Revalidate,
    /// Never cached.
    Never,
}

/// What a provider says about the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Who vouches: the verified token's issuer, or for providers without one `urn:vestibule:<kind>`.
    pub issuer: String,
    /// The provider's tenant (Entra's `tid`), where it has tenants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Immutable identifier of the person at that issuer and tenant; never empty, at most 512 bytes.
    pub subject: String,
    /// The cloud the person's account lives in, where the provider has clouds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud: Option<String>,
    /// The address the provider gives, with what it proves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailClaim>,
    /// Name for display.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// When the person authenticated, seconds since the Unix epoch, where the provider says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authenticated_at: Option<i64>,
    /// Authentication methods, RFC 8176 names where there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// Authentication contexts satisfied (Entra's `acrs`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contexts: Vec<String>,
    /// The provider's session, for logout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// What the provider wants to be given at [`Event::SignOut`], at most 512 bytes; the gateway keeps it in the
    /// session and does not look into it. Since ABI 1.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logout_hint: Option<String>,
}

/// An address and what it proves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailClaim {
    /// The address as the provider gave it.
    pub address: String,
    /// How it was proven.
    pub proof: EmailProof,
}

/// How an address was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EmailProof {
    /// The provider says it, and that is all: it proves nothing.
    None,
    /// The owner of the address's domain vouches (Entra's `xms_edov`; Google for gmail.com or with a matching `hd`).
    DomainOwner,
    /// The provider verified the mailbox at some time in the past (`email_verified`).
    ProviderVerified,
    /// The person showed control of the mailbox just now.
    Mailbox,
}

/// An id that must never be accepted again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Consume {
    /// The id, at most 256 bytes, unique within this instance.
    pub id: String,
    /// Seconds since the Unix epoch after which it may be forgotten.
    pub until: i64,
}

/// Which of the fixed sentences the person sees when a sign-in fails at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RejectReason {
    /// The person or the provider cancelled.
    Cancelled,
    /// The code or token is wrong, used up or expired.
    CredentialInvalid,
    /// The provider's answer failed a check.
    AnswerInvalid,
    /// The account's tenant is not allowed here.
    TenantNotAllowed,
    /// The account belongs to another cloud than the one expected.
    CloudNotAllowed,
    /// The account is of a kind this provider does not take.
    AccountNotAllowed,
    /// The provider could not be reached or answered with an error.
    ProviderUnavailable,
    /// The event does not fit the state.
    UnexpectedEvent,
}
