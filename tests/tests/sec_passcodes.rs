//! Rows of the security list about codes by mail.

use futures_util::future::join_all;
use tests::browser::{Browser, Page};
use tests::overlay::Overlay;
use tests::people::wrong;
use tests::world::{Options, World};
use tests::{Outcome, ensure};

const PAT: &str = "pat@nowhere.example";
const README: &str = "/sites/projects/readme.txt";

/// A new browser at the page that asks for the code, and the code.
async fn asked(world: &World, address: &str) -> Outcome<(Browser, Page, String)> {
    let last = world.newest_mail();
    let (browser, page) = code_page(world, address).await?;
    let (code, _) = world.passcode(PAT, last).await?;
    Ok((browser, page, code))
}

async fn code_page(world: &World, address: &str) -> Outcome<(Browser, Page)> {
    let mut browser = world.browser();
    let page = world
        .begin(&mut browser, &world.url("contoso", README), address)
        .await?;
    ensure!(
        page.offers("code"),
        "expected the page for a code, found {page}: {}",
        page.text()
    );
    Ok((browser, page))
}

/// Whether that page is the way in: consent, or the document.
fn lets_in(page: &Page) -> bool {
    page.offers("consent") || (page.status == 200 && page.url.path() == README)
}

#[tokio::test]
async fn sec_144_a_code_stands_five_wrong_tries() -> Outcome {
    let world = World::shared().await?;
    let (mut browser, mut page, code) = asked(&world, PAT).await?;
    for _ in 0..4 {
        page = browser.submit(&page, &[("code", &wrong(&code))]).await?;
        ensure!(page.offers("code"), "no further try: {page}");
    }
    let page = browser.submit(&page, &[("code", &code)]).await?;
    ensure!(lets_in(&page), "the right code at the fifth try: {page}");
    let (mut browser, mut page, code) = asked(&world, PAT).await?;
    for _ in 0..5 {
        page = browser.submit(&page, &[("code", &wrong(&code))]).await?;
    }
    page.expect_refusal(403, "credential-invalid")
}

#[tokio::test]
async fn sec_146_parallel_guesses_are_counted_one_by_one() -> Outcome {
    let world = World::shared().await?;
    let (browser, page, code) = asked(&world, PAT).await?;
    let guesses = (0..40).map(|_| {
        let (mut browser, page, guess) = (browser.clone(), page.clone(), wrong(&code));
        async move { browser.submit(&page, &[("code", &guess)]).await }
    });
    let answers: Vec<Page> = join_all(guesses)
        .await
        .into_iter()
        .collect::<Outcome<_>>()?;
    let evaluated = answers
        .iter()
        .filter(|page| page.offers("code") || page.code().as_deref() == Some("credential-invalid"));
    ensure!(
        evaluated.count() <= 5,
        "more than five guesses were evaluated"
    );
    ensure!(
        answers.iter().all(|page| !lets_in(page)),
        "a wrong code let somebody in"
    );
    Ok(())
}

#[tokio::test]
async fn sec_146_one_code_never_lets_in_twice() -> Outcome {
    let answers = used_at_once(20).await?;
    ensure!(
        counted_in(&answers) <= 1,
        "one code let in more than once: {answers:#?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_form_that_was_sent_twice_lets_in_once() -> Outcome {
    let answers = used_at_once(2).await?;
    ensure!(
        counted_in(&answers) == 1,
        "a double click let nobody in, or two: {answers:#?}"
    );
    Ok(())
}

/// What is answered to the right code, sent `times` times at once by the browser that asked for it.
async fn used_at_once(times: usize) -> Outcome<Vec<String>> {
    let world = World::shared().await?;
    let (browser, page, code) = asked(&world, PAT).await?;
    let form = page.form(&[("code", code.as_str())])?;
    let uses = (0..times).map(|_| {
        let (mut browser, page, form) = (browser.clone(), page.clone(), form.clone());
        async move { browser.send(&page, &form).await }
    });
    let answers: Vec<Page> = join_all(uses).await.into_iter().collect::<Outcome<_>>()?;
    let spelled = answers.iter().map(|page| {
        let let_in = page.offers("consent") || page.status == 303;
        format!("{}{page}", if let_in { LET_IN } else { "" })
    });
    Ok(spelled.collect())
}

const LET_IN: &str = "let in: ";

fn counted_in(answers: &[String]) -> usize {
    answers
        .iter()
        .filter(|answer| answer.starts_with(LET_IN))
        .count()
}

#[tokio::test]
async fn sec_147_no_code_is_a_wrong_code() -> Outcome {
    let world = World::shared().await?;
    let (mut browser, mut page, _) = asked(&world, PAT).await?;
    for blank in ["", " ", "\t", "00000000\u{0}"] {
        page = browser.submit(&page, &[("code", blank)]).await?;
        ensure!(!lets_in(&page), "`{blank}` was taken");
    }
    world.is_nobody(&mut browser).await
}

#[tokio::test]
async fn sec_148_one_address_in_many_spellings_shares_one_count() -> Outcome {
    let world = World::start_with(Options::default(), |overlay: &mut Overlay, _| {
        overlay.set("default.toml", "limits.mails_per_address", 2);
        Ok(())
    })
    .await?;
    let (first, second) = ("pat@nowhere.example", "Pat@NOWHERE.example");
    for address in [first, second, "PAT@nowhere.example", "pat@Nowhere.Example"] {
        code_page(&world, address).await?;
    }
    // Mails go out in order: once Oscar's is there, no other of Pat's can come.
    world.passcode(PAT, 0).await?;
    let mails = world.mocks.mailbox().messages_to(PAT).len();
    ensure!(mails <= 2, "{mails} mails went to one address");
    Ok(())
}

#[tokio::test]
async fn sec_150_the_mail_holds_a_code_and_nothing_to_click() -> Outcome {
    let world = World::shared().await?;
    let last = world.newest_mail();
    code_page(&world, PAT).await?;
    world.passcode(PAT, last).await?;
    let mails = world.mocks.mailbox().messages_to(PAT);
    let mail = mails.last().ok_or("no mail")?;
    ensure!(
        !mail.raw.contains("http"),
        "the mail has a link: {}",
        mail.raw
    );
    ensure!(
        !mail.raw.contains("readme"),
        "the mail tells what is shared: {}",
        mail.raw
    );
    Ok(())
}

#[tokio::test]
async fn sec_151_a_code_works_in_the_browser_that_asked_for_it() -> Outcome {
    let world = World::shared().await?;
    let (mut browser, page, code) = asked(&world, PAT).await?;
    let mut thief = world.browser();
    let stolen = thief.submit(&page, &[("code", &code)]).await?;
    stolen.expect_refusal(400, "attempt-other-browser")?;
    world.is_nobody(&mut thief).await?;
    let page = browser.submit(&page, &[("code", &code)]).await?;
    ensure!(lets_in(&page), "the code of the one who asked: {page}");
    Ok(())
}

#[tokio::test]
async fn sec_154_an_address_cannot_add_headers_to_a_mail() -> Outcome {
    let world = World::shared().await?;
    let before = world.newest_mail();
    for address in [
        "pat@nowhere.example\r\nBcc: eve@mallory.example",
        "\"Pat\" <pat@nowhere.example>",
        "pat@nowhere.example, eve@mallory.example",
        "pat@nowhere.example\u{0}",
        "pat@mallory.example@nowhere.example",
    ] {
        let mut browser = world.browser();
        let page = browser.open(&world.url("contoso", README)).await?;
        let page = browser.submit(&page, &[("address", address)]).await?;
        ensure!(!page.offers("code"), "`{address}` was taken for an address");
    }
    asked(&world, PAT).await?;
    let mails = world.mocks.mailbox().messages();
    ensure!(
        mails.iter().filter(|mail| mail.id > before).count() == 1,
        "a mail went out: {mails:?}"
    );
    Ok(())
}
