//! What somebody must do first.

/// A way to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// A work or school account.
    WorkSchool,
    /// The SAML or WS-Fed partner of the address's domain.
    Saml,
    /// Google.
    Google,
    /// A Microsoft account.
    MicrosoftAccount,
    /// A Microsoft account that is made for the invited address.
    NewMicrosoftAccount,
    /// The directory's passcode by mail.
    Passcode,
    /// Sharing's own passcode by mail: there will be no entry in the directory.
    SharingPasscode,
    /// The account of an earlier redemption.
    ExistingAccount,
}

impl Method {
    /// Its name in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WorkSchool => "work-school",
            Self::Saml => "saml",
            Self::Google => "google",
            Self::MicrosoftAccount => "microsoft-account",
            Self::NewMicrosoftAccount => "new-microsoft-account",
            Self::Passcode => "email-otp",
            Self::SharingPasscode => "sharing-otp",
            Self::ExistingAccount => "existing-account",
        }
    }
}

/// Where a second factor is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MfaPlace {
    /// At the person's home, whose claim is believed.
    Home,
    /// Here.
    Resource,
}

/// What somebody must do first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// Sign in.
    SignIn,
    /// Sign in as a member of the tenant.
    MemberSignIn,
    /// Sign in in this way.
    SignInWith(Method),
    /// Sign in in one of these two ways, as the person chooses.
    Choose(Method, Method),
    /// Sign in again: the authentication, or the pause since the last request, is too long ago.
    SignInAgain,
    /// Prove an address.
    EmailProof,
    /// Consent to being a guest.
    Consent,
    /// Accept the terms of use.
    Terms,
    /// Show a second factor.
    Mfa(MfaPlace),
    /// Satisfy the authentication context that the site demands.
    AuthenticationContext,
}

impl Challenge {
    /// The documented code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SignIn | Self::SignInWith(_) | Self::Choose(..) => "sign-in-required",
            Self::MemberSignIn => "member-sign-in-required",
            Self::SignInAgain => "sign-in-again-required",
            Self::EmailProof => "email-proof-required",
            Self::Consent => "consent-required",
            Self::Terms => "terms-required",
            Self::Mfa(MfaPlace::Home) => "mfa-at-home-required",
            Self::Mfa(MfaPlace::Resource) => "mfa-required",
            Self::AuthenticationContext => "authentication-context-required",
        }
    }

    /// Ways to sign in, where they are known, the first to be tried first.
    pub fn methods(self) -> impl Iterator<Item = Method> {
        let (first, second) = match self {
            Self::SignInWith(only) => (Some(only), None),
            Self::Choose(one, other) => (Some(one), Some(other)),
            Self::SignIn
            | Self::MemberSignIn
            | Self::SignInAgain
            | Self::EmailProof
            | Self::Consent
            | Self::Terms
            | Self::Mfa(_)
            | Self::AuthenticationContext => (None, None),
        };
        first.into_iter().chain(second)
    }
}
