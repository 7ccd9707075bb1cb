//! The words of letters, in the languages that there are.

/// The words of one language. `{organisation}`, `{inviter}` and `{item}` are filled in.
pub(super) struct Words {
    /// Its tag.
    pub(super) language: &'static str,
    pub(super) subject_shared_by: &'static str,
    pub(super) subject_shared: &'static str,
    pub(super) subject_invited: &'static str,
    pub(super) greeting: &'static str,
    pub(super) shared_by: &'static str,
    pub(super) shared: &'static str,
    pub(super) invited_by: &'static str,
    pub(super) invited: &'static str,
    /// Before what the inviter wrote.
    pub(super) says: &'static str,
    /// Before the address, in plain text.
    pub(super) open: &'static str,
    pub(super) button: &'static str,
    /// Before the address, under the button.
    pub(super) plainly: &'static str,
    /// What comes of accepting, where the directory invites.
    pub(super) directory: &'static str,
    /// The same where sharing's own manager does.
    pub(super) sharing: &'static str,
    /// The same where either may.
    pub(super) either: &'static str,
    pub(super) only_you: &'static str,
    pub(super) unexpected: &'static str,
}

impl Words {
    /// Those of the language that comes nearest; English where none does.
    pub(super) fn of(tag: Option<&str>) -> &'static Self {
        let primary = tag
            .and_then(|tag| tag.split(['-', '_']).next())
            .unwrap_or_default();
        ALL.iter()
            .find(|words| words.language.eq_ignore_ascii_case(primary))
            .unwrap_or(&ENGLISH)
    }
}

static ALL: [Words; 4] = [ENGLISH, GERMAN, FRENCH, DUTCH];

const ENGLISH: Words = Words {
    language: "en",
    subject_shared_by: "{inviter} shared \u{201c}{item}\u{201d} with you",
    subject_shared: "{organisation} shared \u{201c}{item}\u{201d} with you",
    subject_invited: "{organisation} invites you as a guest",
    greeting: "Hello,",
    shared_by: "{inviter} of {organisation} has shared \u{201c}{item}\u{201d} with you.",
    shared: "{organisation} has shared \u{201c}{item}\u{201d} with you.",
    invited_by: "{inviter} invites you to work with {organisation} as a guest.",
    invited: "{organisation} invites you to work with it as a guest.",
    says: "They write:",
    open: "To open it, go to:",
    button: "Open the invitation",
    plainly: "If the button does not work, copy this address into your browser:",
    directory: "{organisation} has an entry for you among its guests. You sign in with the account that you have for this address, or with a code sent to it, and are asked once whether you accept.",
    sharing: "You show that this address is yours, by an account of it or by a code sent to it. {organisation} makes no entry for you before you have accepted.",
    either: "You sign in with the account that you have for this address, or with a code sent to it.",
    only_you: "It works for this address only, so there is no use in forwarding it.",
    unexpected: "If you did not expect this, you need not do anything.",
};

const GERMAN: Words = Words {
    language: "de",
    subject_shared_by: "{inviter} hat \u{201e}{item}\u{201c} mit Ihnen geteilt",
    subject_shared: "{organisation} hat \u{201e}{item}\u{201c} mit Ihnen geteilt",
    subject_invited: "{organisation} lädt Sie als Gast ein",
    greeting: "Guten Tag,",
    shared_by: "{inviter} von {organisation} hat \u{201e}{item}\u{201c} mit Ihnen geteilt.",
    shared: "{organisation} hat \u{201e}{item}\u{201c} mit Ihnen geteilt.",
    invited_by: "{inviter} lädt Sie ein, als Gast mit {organisation} zu arbeiten.",
    invited: "{organisation} lädt Sie zur Zusammenarbeit als Gast ein.",
    says: "Dazu die Nachricht:",
    open: "Öffnen Sie dazu diese Adresse:",
    button: "Einladung öffnen",
    plainly: "Wenn die Schaltfläche nicht geht, kopieren Sie diese Adresse in Ihren Browser:",
    directory: "{organisation} führt Sie als Gast. Sie melden sich mit dem Konto an, das Sie zu dieser Adresse haben, oder mit einem Code, der an sie geschickt wird, und werden einmal gefragt, ob Sie annehmen.",
    sharing: "Sie zeigen, dass diese Adresse Ihre ist: mit einem Konto oder mit einem Code, der an sie geschickt wird. {organisation} legt erst dann einen Eintrag für Sie an, wenn Sie angenommen haben.",
    either: "Sie melden sich mit dem Konto an, das Sie zu dieser Adresse haben, oder mit einem Code, der an sie geschickt wird.",
    only_you: "Das gilt nur für diese Adresse; weiterleiten nützt nichts.",
    unexpected: "Wenn Sie das nicht erwartet haben, brauchen Sie nichts zu tun.",
};

const FRENCH: Words = Words {
    language: "fr",
    subject_shared_by: "{inviter} a partagé «\u{a0}{item}\u{a0}» avec vous",
    subject_shared: "{organisation} a partagé «\u{a0}{item}\u{a0}» avec vous",
    subject_invited: "{organisation} vous invite",
    greeting: "Bonjour,",
    shared_by: "{inviter} ({organisation}) a partagé «\u{a0}{item}\u{a0}» avec vous.",
    shared: "{organisation} a partagé «\u{a0}{item}\u{a0}» avec vous.",
    invited_by: "{inviter} vous invite à travailler avec {organisation}.",
    invited: "{organisation} vous invite à travailler ensemble.",
    says: "Voici son message\u{a0}:",
    open: "Pour ouvrir, allez à l\u{2019}adresse\u{a0}:",
    button: "Ouvrir l\u{2019}invitation",
    plainly: "Si le bouton ne fonctionne pas, copiez cette adresse dans votre navigateur\u{a0}:",
    directory: "{organisation} vous a inscrit parmi ses invités. Vous vous identifiez avec le compte lié à cette adresse, ou avec un code qui y est envoyé, et l\u{2019}on vous demande une fois si vous acceptez.",
    sharing: "Vous montrez que cette adresse est la vôtre, par un compte ou par un code qui y est envoyé. {organisation} ne vous inscrit qu\u{2019}une fois que vous avez accepté.",
    either: "Vous vous identifiez avec le compte lié à cette adresse, ou avec un code qui y est envoyé.",
    only_you: "Cela ne vaut que pour cette adresse\u{a0}: la transmettre ne sert à rien.",
    unexpected: "Si vous ne l\u{2019}attendiez pas, vous n\u{2019}avez rien à faire.",
};

const DUTCH: Words = Words {
    language: "nl",
    subject_shared_by: "{inviter} heeft \u{201c}{item}\u{201d} met u gedeeld",
    subject_shared: "{organisation} heeft \u{201c}{item}\u{201d} met u gedeeld",
    subject_invited: "{organisation} nodigt u uit als gast",
    greeting: "Goedendag,",
    shared_by: "{inviter} van {organisation} heeft \u{201c}{item}\u{201d} met u gedeeld.",
    shared: "{organisation} heeft \u{201c}{item}\u{201d} met u gedeeld.",
    invited_by: "{inviter} nodigt u uit om als gast met {organisation} te werken.",
    invited: "{organisation} nodigt u uit om als gast samen te werken.",
    says: "Met dit bericht:",
    open: "Ga naar dit adres om het te openen:",
    button: "Uitnodiging openen",
    plainly: "Werkt de knop niet, kopieer dan dit adres naar uw browser:",
    directory: "{organisation} heeft u als gast opgenomen. U meldt zich aan met het account bij dit adres, of met een code die ernaartoe wordt gestuurd, en er wordt één keer gevraagd of u accepteert.",
    sharing: "U laat zien dat dit adres van u is, met een account of met een code die ernaartoe wordt gestuurd. {organisation} neemt u pas op nadat u hebt geaccepteerd.",
    either: "U meldt zich aan met het account bij dit adres, of met een code die ernaartoe wordt gestuurd.",
    only_you: "Het werkt alleen voor dit adres; doorsturen heeft geen zin.",
    unexpected: "Verwachtte u dit niet, dan hoeft u niets te doen.",
};
