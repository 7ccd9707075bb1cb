use super::*;

fn invited() -> Invited {
    Invited {
        to: EmailAddress::parse("ada@fabrikam.example").unwrap(),
        cc: Vec::new(),
        organisation: "Contoso".to_owned(),
        inviter: Some("Mia Meier".to_owned()),
        message: None,
        item: Some("Plan.docx".to_owned()),
        url: "https://contoso.example/_vestibule/invitation/1?a=1&b=2".to_owned(),
        language: None,
        manager: Some(InvitationManager::Directory),
        for_others: false,
    }
}

fn both(letter: &Letter) -> [&str; 2] {
    [letter.text.as_str(), letter.html.as_deref().unwrap()]
}

#[test]
fn a_letter_says_who_and_what_and_where_in_both_forms() {
    let letter = invitation(&invited());
    assert_eq!(
        letter.subject,
        "Mia Meier shared \u{201c}Plan.docx\u{201d} with you"
    );
    for text in both(&letter) {
        for told in ["Mia Meier", "Contoso", "Plan.docx", "forwarding"] {
            assert!(text.contains(told), "{told}: {text}");
        }
    }
    assert!(
        letter
            .text
            .contains("\nhttps://contoso.example/_vestibule/invitation/1?a=1&b=2\n")
    );
    let html = letter.html.unwrap();
    assert!(
        html.contains("?a=1&#38;b=2") || html.contains("?a=1&amp;b=2"),
        "{html}"
    );
}

#[test]
fn every_combination_of_names_has_its_words_in_every_language() {
    for language in [
        None,
        Some("en-US"),
        Some("de"),
        Some("fr-CA"),
        Some("nl_NL"),
        Some("tlh"),
    ] {
        for inviter in [None, Some("Mia"), Some(" ")] {
            for item in [None, Some("Plan")] {
                for manager in [
                    Some(InvitationManager::Directory),
                    Some(InvitationManager::Sharing),
                    None,
                ] {
                    let letter = invitation(&Invited {
                        inviter: inviter.map(str::to_owned),
                        item: item.map(str::to_owned),
                        language: language.map(str::to_owned),
                        manager,
                        ..invited()
                    });
                    let all = format!("{}{}{}", letter.subject, letter.text, letter.html.unwrap());
                    assert!(!all.contains(['{', '}']), "{all}");
                    assert!(all.contains("Contoso"), "{all}");
                }
            }
        }
    }
}

#[test]
fn languages_that_nobody_wrote_are_english() {
    let check = |tag: Option<&str>, want: &str| {
        let language = tag.map(str::to_owned);
        let letter = invitation(&Invited {
            language,
            ..invited()
        });
        let html = letter.html.unwrap();
        assert!(
            html.contains(&format!("lang=\"{want}\"")),
            "{tag:?}: {html}"
        );
    };
    check(None, "en");
    check(Some("de-AT"), "de");
    check(Some("FR"), "fr");
    check(Some("tlh"), "en");
    check(Some("../../etc"), "en");
}

#[test]
fn the_managers_letters_differ() {
    let of = |manager| {
        invitation(&Invited {
            manager,
            ..invited()
        })
    };
    let (directory, sharing) = (
        of(Some(InvitationManager::Directory)),
        of(Some(InvitationManager::Sharing)),
    );
    assert!(
        directory.text.contains("has an entry for you"),
        "{}",
        directory.text
    );
    assert!(
        sharing.text.contains("makes no entry for you before"),
        "{}",
        sharing.text
    );
}

#[test]
fn what_somebody_wrote_is_text_and_nothing_else() {
    let nasty = "<img src=x onerror=alert(1)>\u{202e}\u{200b}\r\nSecond \"line\"\u{7}";
    let letter = invitation(&Invited {
        message: Some(nasty.to_owned()),
        inviter: Some("Mia\r\nBcc: eve@evil.example <b>".to_owned()),
        item: Some("{organisation}\u{202e}fdp.exe".to_owned()),
        ..invited()
    });
    let html = letter.html.as_deref().unwrap();
    assert!(!html.contains("<img") && !html.contains("<b>"), "{html}");
    assert!(!letter.subject.contains(['\r', '\n']), "{}", letter.subject);
    assert!(
        letter.subject.contains("{organisation}fdp.exe"),
        "{}",
        letter.subject
    );
    for text in both(&letter) {
        assert!(!text.contains(['\u{202e}', '\u{200b}', '\u{7}']), "{text}");
    }
    assert!(
        letter.text.contains("> Second \"line\"\n"),
        "{}",
        letter.text
    );
}

#[test]
fn long_texts_are_cut() {
    let letter = invitation(&Invited {
        message: Some("m".repeat(3000)),
        item: Some("i".repeat(500)),
        ..invited()
    });
    let count = |c| letter.text.chars().filter(|one| *one == c).count();
    assert!((2000..2100).contains(&count('m')), "{}", count('m'));
    assert!(letter.subject.chars().count() < 200);
    assert!(letter.subject.contains('…'));
}
