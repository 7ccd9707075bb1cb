//! What people do at pages: give their address, pick their account, agree, copy a code out of a mail.

use serde_json::Value;

use crate::browser::cookies::Cookie;
use crate::browser::{Browser, Page};
use crate::process::PATIENCE;
use crate::world::World;
use crate::{Outcome, ensure};

impl World {
    /// Signs in from the page that asks for an address, as far as the provider leads: to the document, to the
    /// question for consent, or to a refusal.
    ///
    /// - `address`: what is typed in at the gateway.
    /// - `account`: the sign-in name that is picked at the provider.
    ///
    /// # Errors
    /// If a page is not the expected one.
    pub async fn authenticate(
        &self,
        browser: &mut Browser,
        page: &Page,
        address: &str,
        account: &str,
    ) -> Outcome<Page> {
        let page = browser.submit(page, &[("address", address)]).await?;
        self.pick_account(browser, &page, account).await
    }

    /// The same with the address that is the account's name, and with consent where it is asked for.
    ///
    /// # Errors
    /// If a page is not the expected one.
    pub async fn sign_in(
        &self,
        browser: &mut Browser,
        page: &Page,
        address: &str,
    ) -> Outcome<Page> {
        let page = self.authenticate(browser, page, address, address).await?;
        if page.offers("consent") {
            accept(browser, &page).await
        } else {
            Ok(page)
        }
    }

    /// Opens `url` in a new browser and signs in on the way to it.
    ///
    /// # Errors
    /// If that does not end at `url` with 200.
    pub async fn signed_in(&self, address: &str, url: &str) -> Outcome<Browser> {
        let mut browser = self.browser();
        let page = browser.open(url).await?;
        let page = self
            .sign_in(&mut browser, &page, address)
            .await?
            .expect(200)?;
        ensure!(
            page.url.as_str() == url,
            "signed in, and then at {} instead of {url}",
            page.url
        );
        Ok(browser)
    }

    /// Picks an account on the provider's page.
    ///
    /// # Errors
    /// If this is no such page or nobody is called so.
    pub async fn pick_account(
        &self,
        browser: &mut Browser,
        page: &Page,
        account: &str,
    ) -> Outcome<Page> {
        let people = &self.mocks.urls().people;
        let person = people.iter().find(|person| person.address == account);
        let person = person.ok_or_else(|| format!("nobody is called `{account}`"))?;
        ensure!(
            page.offers("user"),
            "expected a provider's page, found {page}: {}",
            page.text()
        );
        browser.submit(page, &[("user", &person.id)]).await
    }

    /// Opens `url` and types in an address: leads to a provider's page, or to one of its forms.
    ///
    /// # Errors
    /// If there is no form for an address.
    pub async fn begin(&self, browser: &mut Browser, url: &str, address: &str) -> Outcome<Page> {
        let page = browser.open(url).await?;
        browser.submit(&page, &[("address", address)]).await
    }

    /// Who is signed in, as the gateway tells it to programs.
    ///
    /// # Errors
    /// If nobody is.
    pub async fn who(&self, browser: &mut Browser) -> Outcome<Value> {
        self.whoami(browser).await?.expect(200)?.json()
    }

    /// Fails if somebody is signed in.
    ///
    /// # Errors
    /// With what was found instead of 401.
    pub async fn is_nobody(&self, browser: &mut Browser) -> Outcome {
        self.whoami(browser)
            .await?
            .expect_refusal(401, "sign-in-required")
    }

    async fn whoami(&self, browser: &mut Browser) -> Outcome<Page> {
        let url = self.url("contoso", "/_vestibule/whoami");
        browser
            .fetch("GET", &url, &[("accept", "application/json")], "")
            .await
    }

    /// Signs somebody in with `target` as the return address: fails unless that completes, at the front page of the
    /// same host, and on the way meets nobody but the gateway and the provider.
    ///
    /// # Errors
    /// If it leads elsewhere.
    pub async fn leads_home(&self, target: &str) -> Outcome {
        let mut browser = self.browser();
        let encoded: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
        let sign_in = self.url(
            "contoso",
            &format!("/_vestibule/sign-in?return_to={encoded}"),
        );
        let page = browser.open(&sign_in).await?;
        let page = self
            .sign_in(&mut browser, &page, "ada@fabrikam.example")
            .await?;
        ensure!(
            page.url.as_str() == self.url("contoso", "/"),
            "`{target}` led to {}",
            page.url
        );
        for step in &page.via {
            let host = step.host_str().unwrap_or_default();
            ensure!(
                ["contoso.localhost", "127.0.0.1"].contains(&host),
                "`{target}` led via {step}"
            );
        }
        self.who(&mut browser).await?;
        Ok(())
    }

    /// The number of the mail that came last; 0 if none has.
    #[must_use]
    pub fn newest_mail(&self) -> u64 {
        self.mocks
            .mailbox()
            .messages()
            .last()
            .map_or(0, |mail| mail.id)
    }

    /// The code in the next mail to `address` after the one numbered `after`, with the mail's number.
    ///
    /// # Errors
    /// If no mail with a code comes.
    pub async fn passcode(&self, address: &str, after: u64) -> Outcome<(String, u64)> {
        let mail = self
            .mocks
            .mailbox()
            .wait_for(address, after, PATIENCE)
            .await;
        let mail = mail.ok_or_else(|| format!("no mail to `{address}`"))?;
        let code =
            code_in(&mail.text).ok_or_else(|| format!("no code in the mail: {}", mail.text))?;
        Ok((code, mail.id))
    }

    /// Signs in by passcode from the page that asks for an address, up to the question for consent or the document.
    ///
    /// # Errors
    /// If a page is not the expected one.
    pub async fn sign_in_by_passcode(
        &self,
        browser: &mut Browser,
        page: &Page,
        address: &str,
    ) -> Outcome<Page> {
        let last = self.newest_mail();
        let page = browser.submit(page, &[("address", address)]).await?;
        ensure!(
            page.offers("code"),
            "expected the page for a code, found {page}: {}",
            page.text()
        );
        let (code, _) = self.passcode(address, last).await?;
        browser.submit(&page, &[("code", &code)]).await
    }
}

/// Name of the gateway's session cookie.
pub const SESSION: &str = "__Host-vestibule";

impl Browser {
    /// The session cookie that a tenant has set.
    ///
    /// # Errors
    /// If there is none.
    pub fn session(&self, tenant: &str) -> Outcome<&Cookie> {
        let found = self.jar.find(&format!("{tenant}.localhost"), SESSION);
        found.ok_or_else(|| format!("no session cookie of {tenant}").into())
    }
}

/// Agrees to what the first redemption asks.
///
/// # Errors
/// If this is no such page.
pub async fn accept(browser: &mut Browser, page: &Page) -> Outcome<Page> {
    ensure!(
        page.offers("consent"),
        "expected the question for consent, found {page}: {}",
        page.text()
    );
    browser.submit(page, &[("consent", "accept")]).await
}

/// A code that differs from `code` in its last digit.
#[must_use]
pub fn wrong(code: &str) -> String {
    let mut digits = code.to_owned();
    let last = digits.pop();
    digits.push(if last == Some('0') { '1' } else { '0' });
    digits
}

/// Eight digits that stand together, perhaps with a blank in the middle.
fn code_in(text: &str) -> Option<String> {
    text.lines()
        .map(|line| line.split_whitespace().collect::<String>())
        .find_map(|line| {
            let digits = |run: &&str| run.len() == 8;
            line.split(|c: char| !c.is_ascii_digit())
                .find(digits)
                .map(str::to_owned)
        })
}
