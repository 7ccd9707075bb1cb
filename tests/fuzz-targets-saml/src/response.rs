//! What the partner, or somebody in its place, sends to the assertion consumer service.

use plugins_saml::fuzzing::{fuzz_message, fuzz_response};
use plugins_sdk::message::{Claims, Step};

use crate::partner::{AUDIENCE, DOMAIN, PARTNER, Partner};
use crate::xml::{canonical, element, encrypted, signature, with_signature};

const ASSERTION: &str = "_assertion-1";
const RESPONSE: &str = "_response-1";
/// What the partner says of itself: unsigned, as an answer to request `_request-1`.
const GENUINE: &str = include_str!("genuine.xml");

thread_local! {
    static PARTNER_WAITS: Partner =
        Partner::begin().unwrap_or_else(|| panic!("a good sign-in cannot be begun"));
}

/// A response: nobody is known by one that the partner did not sign, or that says something else than was signed.
///
/// - `bytes`: a digit and a response to request `_request-1`. 0: as it comes, signed by a key that does not exist any more.
///   1: its assertion is signed. 2: and then encrypted. 3: its assertion is encrypted, then the response signed. 4: its
///   assertion is encrypted, and nothing signed. 5: in it `@signed@` stands for a good assertion, `@bare@` for the same
///   without its signature, `@signature@` for that, `@whole@` for a good response.
pub fn saml_response(bytes: &[u8]) {
    let _known = is_known(bytes);
}

/// The same; whether somebody is known by the response.
pub fn is_known(bytes: &[u8]) -> bool {
    let Some((how, content)) = bytes.split_first() else {
        return false;
    };
    if *how == b'0' {
        fuzz_response(content);
        fuzz_message(content);
        return plugins_saml::fuzzing::judge_response(content) == "accepted";
    }
    let Ok(text) = std::str::from_utf8(content) else {
        return false;
    };
    PARTNER_WAITS.with(|partner| {
        let known = match how {
            b'1' => partner.knows_signed(text, |signed, _| Some(signed.to_owned())),
            b'2' => partner.knows_signed(text, Partner::with_encrypted),
            b'3' => partner.knows_around(text),
            b'4' => partner.knows_unsigned(text),
            b'5' => partner.knows_wrapped(text),
            _ => None,
        };
        known.is_some()
    })
}

impl Partner {
    /// The partner signs whatever the text says; `then` is what happens on the way.
    fn knows_signed(
        &self,
        text: &str,
        then: impl FnOnce(&str, &Self) -> Option<String>,
    ) -> Option<()> {
        let text = self.answering(text);
        let (signature, said) = signature(&text, ASSERTION, |octets| self.sign(octets))?;
        let signed = with_signature(&text, ASSERTION, &signature)?;
        let claims = self.claims(&then(&signed, self)?)?;
        self.must_say(&claims, &said);
        Some(())
    }

    fn knows_around(&self, text: &str) -> Option<()> {
        let text = self.answering(text);
        let said = canonical(&text, ASSERTION)?;
        let sealed = Self::with_encrypted(&text, self)?;
        let (signature, _) = signature(&sealed, RESPONSE, |octets| self.sign(octets))?;
        let claims = self.claims(&with_signature(&sealed, RESPONSE, &signature)?)?;
        self.must_say(&claims, &said);
        Some(())
    }

    fn knows_unsigned(&self, text: &str) -> Option<()> {
        let sealed = Self::with_encrypted(&self.answering(text), self)?;
        if let Some(claims) = self.claims(&sealed) {
            panic!("known by an unsigned assertion: {claims:?}");
        }
        None
    }

    fn knows_wrapped(&self, text: &str) -> Option<()> {
        let bare = self.answering(GENUINE);
        let (signature, _) = signature(&bare, ASSERTION, |octets| self.sign(octets))?;
        let whole = with_signature(&bare, ASSERTION, &signature)?;
        let text = self
            .answering(text)
            .replace("@signed@", element(&whole, "saml:Assertion")?)
            .replace("@bare@", element(&bare, "saml:Assertion")?)
            .replace("@signature@", &signature)
            .replace("@whole@", &whole);
        let claims = self.claims(&text)?;
        if self.claims(&whole).as_ref() != Some(&claims) {
            panic!("known by what the partner did not say: {claims:?}");
        }
        Some(())
    }

    /// The text as an answer to the request that was made.
    fn answering(&self, text: &str) -> String {
        text.replace("_request-1", &self.request)
    }

    fn with_encrypted(text: &str, partner: &Self) -> Option<String> {
        let assertion = element(text, "saml:Assertion")?;
        let sealed = encrypted(assertion, &partner.encryption)?;
        Some(text.replacen(assertion, &sealed, 1))
    }

    fn claims(&self, response: &str) -> Option<Claims> {
        match self.judge(response) {
            Step::Done { claims, .. } => Some(claims),
            _ => None,
        }
    }

    /// What was signed must say what is claimed: read as text, without a parser.
    fn must_say(&self, claims: &Claims, said: &[u8]) {
        let said = String::from_utf8_lossy(said);
        let subject = claims.subject.strip_prefix("persistent!");
        let name = subject.and_then(|subject| subject.split('!').next());
        let name = name.map(|name| escaped(&name.replace("%21", "!").replace("%25", "%")));
        let address = claims.email.as_ref().map(|email| email.address.as_str());
        let of_partner = address
            .and_then(|address| address.rsplit_once('@'))
            .is_some_and(|(_, domain)| domain.eq_ignore_ascii_case(DOMAIN));
        let says = |text: &str| said.contains(text);
        let named = name.is_some_and(|name| !name.is_empty() && says(&name));
        let addressed = address.is_some_and(|address| says(&escaped(address)));
        let for_us = says(AUDIENCE) && says(&self.request) && claims.issuer == PARTNER;
        if !(named && of_partner && addressed && for_us) {
            panic!("known by {claims:?}, where {said} was signed");
        }
    }
}

/// As text is written in canonical form.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
