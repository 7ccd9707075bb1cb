//! What a SAML identity provider can be told to get wrong, beside what every provider can.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::misbehaviour::UnknownName;

macro_rules! faults {
    ($($(#[doc = $what:literal])+ $variant:ident = $name:literal,)+) => {
        /// One thing that the partner gets wrong on purpose, by the name that the control API uses.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum SamlFault {
            $($(#[doc = $what])+ #[serde(rename = $name)] $variant,)+
        }

        impl SamlFault {
            /// Every fault, in the order of declaration.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name used by the control API and on the command line.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// What it does, in a sentence.
            pub(crate) fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($what),+).trim_start(),)+
                }
            }
        }
    };
}

faults! {
    /// Wrapping 1: the signed response inside the signature of a forged one.
    Xsw1 = "xsw1",
    /// Wrapping 2: the signed response beside its detached signature in a forged one.
    Xsw2 = "xsw2",
    /// Wrapping 3: a forged assertion before the signed one.
    Xsw3 = "xsw3",
    /// Wrapping 4: the signed assertion inside a forged one.
    Xsw4 = "xsw4",
    /// Wrapping 5: a forged assertion with the signature; the one it is of, bare, behind it.
    Xsw5 = "xsw5",
    /// Wrapping 6: as 5, with the bare assertion inside the signature.
    Xsw6 = "xsw6",
    /// Wrapping 7: a forged assertion in an extension before the signed one.
    Xsw7 = "xsw7",
    /// Wrapping 8: as 6, with the bare assertion in an object of the signature.
    Xsw8 = "xsw8",
    /// Two assertions, each signed.
    TwoAssertions = "two-assertions",
    /// A comment in the subject's name and address, whose text is somebody else's up to it.
    CommentInName = "comment-in-name",
    /// A processing instruction there.
    InstructionInName = "instruction-in-name",
    /// A part of the name is character data.
    CdataInName = "cdata-in-name",
    /// A document type declaration before the response.
    Doctype = "doctype",
    /// The subject's name is an entity.
    Entity = "entity",
    /// An element with a name of two colons in an extension.
    TwoColons = "two-colons",
    /// Another element with the ID of the signed one.
    DuplicateId = "duplicate-id",
    /// A second digest, of a forged assertion, where a careless search finds it first.
    SmuggledDigest = "smuggled-digest",
    /// The digest of nothing.
    EmptyDigest = "empty-digest",
    /// A second `SignedInfo`, before the signed one.
    TwoSignedInfos = "two-signed-infos",
    /// A comment in the digest.
    CommentInDigest = "comment-in-digest",
    /// Signed with somebody else's key, whose certificate comes with the signature.
    ForeignKey = "foreign-key",
    /// Signed with the key before the current one.
    RetiredKey = "retired-key",
    /// The signature is of a harmless element beside the assertion.
    SignatureOfAnother = "signature-of-another",
    /// The signature is of an assertion that is not there.
    SignatureOfNothing = "signature-of-nothing",
    /// The signature has two references.
    TwoReferences = "two-references",
    /// The assertion's signature stands in an extension of the response.
    SignatureInExtensions = "signature-in-extensions",
    /// The assertion inside an object of a signature.
    AssertionInObject = "assertion-in-object",
    /// The reference is to a web page.
    ReferenceElsewhere = "reference-elsewhere",
    /// A transform that runs a program.
    XsltTransform = "xslt-transform",
    /// A transform that takes away what its author wants.
    XpathTransform = "xpath-transform",
    /// Nothing is signed.
    Unsigned = "unsigned",
    /// The address was changed after signing.
    Tampered = "tampered",
    /// The signature is SHA-1. With an RSA key its value does not fit; choose ECDSA.
    Sha1Signature = "sha1-signature",
    /// The digest is SHA-1.
    Sha1Digest = "sha1-digest",
    /// An HMAC with the certificate as its key.
    Hmac = "hmac",
    /// Encrypted, and signed nowhere.
    EncryptedUnsigned = "encrypted-unsigned",
    /// The key of an encrypted assertion travels by RSA 1.5.
    Rsa15 = "rsa15",
    /// What is encrypted has three bytes.
    ShortCiphertext = "short-ciphertext",
    /// One bit of what is encrypted is another.
    FlippedCiphertext = "flipped-ciphertext",
    /// What is encrypted is no XML.
    EncryptedNonsense = "encrypted-nonsense",
    /// Version 1.1.
    WrongVersion = "wrong-version",
    /// No status.
    MissingStatus = "missing-status",
    /// The status is a failure, the assertion good.
    FailedStatus = "failed-status",
    /// The response names another issuer.
    WrongResponseIssuer = "wrong-response-issuer",
    /// The assertion names another issuer.
    WrongAssertionIssuer = "wrong-assertion-issuer",
    /// The assertion names no issuer.
    MissingAssertionIssuer = "missing-assertion-issuer",
    /// `Destination` is another address.
    WrongDestination = "wrong-destination",
    /// No `Destination`.
    MissingDestination = "missing-destination",
    /// `InResponseTo` of the response is another request.
    WrongInResponseTo = "wrong-in-response-to",
    /// No `InResponseTo` in the response.
    MissingInResponseTo = "missing-in-response-to",
    /// `InResponseTo` of the confirmation is another request.
    WrongConfirmedRequest = "wrong-confirmed-request",
    /// No `InResponseTo` in the confirmation.
    MissingConfirmedRequest = "missing-confirmed-request",
    /// Response and assertion were issued in an hour.
    IssuedInFuture = "issued-in-future",
    /// Response and assertion were issued a day ago.
    IssuedLongAgo = "response-issued-long-ago",
    /// No `Conditions`.
    MissingConditions = "missing-conditions",
    /// No `NotOnOrAfter` in the conditions.
    MissingConditionsEnd = "missing-conditions-end",
    /// No `AudienceRestriction`.
    MissingAudience = "missing-audience-restriction",
    /// A second `AudienceRestriction`, for somebody else.
    SecondAudience = "second-audience",
    /// A condition of an unknown kind.
    UnknownCondition = "unknown-condition",
    /// No subject.
    MissingSubject = "assertion-without-subject",
    /// No name in the subject.
    MissingName = "missing-name",
    /// The name is empty.
    EmptyName = "empty-name",
    /// No `SubjectConfirmation`.
    MissingConfirmation = "missing-confirmation",
    /// The confirmation asks for proof of a key.
    HolderOfKey = "holder-of-key",
    /// `Recipient` is another address.
    WrongRecipient = "wrong-recipient",
    /// No `Recipient`.
    MissingRecipient = "missing-recipient",
    /// The confirmation ended an hour ago.
    ConfirmationExpired = "confirmation-expired",
    /// The confirmation has no end.
    MissingConfirmationEnd = "missing-confirmation-end",
    /// The confirmation has a beginning.
    ConfirmationBegins = "confirmation-begins",
    /// No `AuthnStatement`.
    MissingStatement = "missing-statement",
    /// The provider's session ended an hour ago.
    SessionEnded = "session-ended",
    /// The person authenticated a day ago.
    AuthenticatedLongAgo = "authenticated-long-ago",
    /// The address belongs to another organisation.
    ForeignAddress = "foreign-address",
    /// Another assertion inside the advice of this one.
    NestedInAdvice = "nested-in-advice",
    /// The assertion has the ID of the one before.
    RepeatedId = "repeated-id",
    /// The response is longer than 512 kB.
    LongResponse = "long-response",
    /// Metadata: the keys do not say what they are for, which real ones may do.
    KeysWithoutUse = "keys-without-use",
    /// Metadata: no key that signs.
    NoSigningKeys = "no-signing-keys",
    /// Metadata: of another entity.
    OtherEntity = "other-entity",
    /// Metadata: ended yesterday.
    EndedMetadata = "ended-metadata",
    /// Metadata: people sign in at another host.
    OtherSignOnHost = "other-sign-on-host",
    /// Metadata: with a document type declaration.
    MetadataDoctype = "metadata-doctype",
    /// Sign-out messages: not signed.
    UnsignedLogout = "unsigned-logout",
    /// Sign-out messages: signed with somebody else's key.
    ForeignKeyLogout = "foreign-key-logout",
    /// Sign-out messages: from another issuer.
    WrongIssuerLogout = "wrong-issuer-logout",
    /// Sign-out messages: to another address.
    WrongDestinationLogout = "wrong-destination-logout",
    /// Sign-out requests: ended an hour ago.
    ExpiredLogout = "expired-logout",
    /// Sign-out answers: to another request.
    WrongRequestLogout = "wrong-request-logout",
    /// Sign-out answers: a failure.
    FailedLogout = "failed-logout",
    /// Sign-out messages: inflate to 8 MiB.
    DeflateBomb = "deflate-bomb",
}

impl FromStr for SamlFault {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .iter()
            .copied()
            .find(|known| known.name() == name)
            .ok_or_else(|| UnknownName {
                kind: "misbehaviour",
                name: name.to_owned(),
            })
    }
}
