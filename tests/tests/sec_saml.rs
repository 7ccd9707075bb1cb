//! Rows of the security list about SAML, end to end: the real provider in the real gateway, the pretended partner
//! misbehaving.
//!
//! What is said wrongly is signed rightly: without the check that is meant, somebody would be let in.

use idp_mocks::{
    Cipher, KeyKind, Manner, Misbehaviour, OldKey, SamlFault as Fault, Service, Signs, Transport,
};
use tests::browser::{Browser, Page};
use tests::saml::{self, carry};
use tests::world::{Options, PARTNER, World};
use tests::{Outcome, ensure};

const NORA: &str = "nora@northwind.example";
const README: &str = "/sites/projects/readme.txt";

/// Nora as far as the page with her response, not posted yet.
async fn answered(world: &World) -> Outcome<(Browser, Page)> {
    answered_at(world, &world.url("contoso", README)).await
}

async fn answered_at(world: &World, url: &str) -> Outcome<(Browser, Page)> {
    let mut browser = world.browser();
    let page = saml::begin(&mut browser, url, NORA).await?;
    let page = world.pick_account(&mut browser, &page, NORA).await?;
    ensure!(saml::carries(&page), "no response: {page} {}", page.text());
    Ok((browser, page))
}

/// The page behind the response.
async fn tried(world: &World) -> Outcome<(Browser, Page)> {
    let (mut browser, page) = answered(world).await?;
    let page = world.short_of_upstream(post(&mut browser, &page)).await?;
    Ok((browser, page))
}

/// Posts the message of a page; follows nothing but the way to the question for consent.
async fn post(browser: &mut Browser, page: &Page) -> Outcome<Page> {
    let form = page
        .forms()
        .into_iter()
        .find(|form| form.value("SAMLResponse").is_some())
        .ok_or("no response to post")?;
    browser.send(page, &form).await
}

/// Whether Nora comes in, or as far as the question for consent.
async fn comes_in(world: &World) -> Outcome {
    let (_, page) = tried(world).await?;
    let well = page.status.is_redirection() || (page.status == 200 && page.offers("consent"));
    ensure!(
        well,
        "an honest response was refused: {page}\n{}",
        end_of(world)
    );
    Ok(())
}

fn end_of(world: &World) -> String {
    let log = world.gateway.process().log();
    let lines: Vec<&str> = log.lines().collect();
    let last = lines.iter().skip(lines.len().saturating_sub(5));
    last.copied().collect::<Vec<_>>().join("\n")
}

/// Fails unless Nora's response is refused, and leaves nobody signed in.
async fn is_refused(world: &World, what: &str) -> Outcome {
    let (mut browser, page) = tried(world).await?;
    ensure!(
        page.status.as_u16() >= 400 && !page.offers("consent"),
        "{what}: {page}\n{}",
        end_of(world)
    );
    world
        .is_nobody(&mut browser)
        .await
        .map_err(|why| format!("{what}: {why}").into())
}

/// Every fault in every manner is refused; without a fault each of them is fine.
async fn all_refused(manners: &[Manner], faults: &[Fault]) -> Outcome {
    let faults: Vec<Misbehaviour> = faults.iter().copied().map(Misbehaviour::from).collect();
    all_of_them_refused(manners, &faults).await
}

async fn all_of_them_refused(manners: &[Manner], faults: &[Misbehaviour]) -> Outcome {
    let world = World::shared().await?;
    for manner in manners {
        world.mocks.change_saml(|now| *now = manner.clone());
        comes_in(&world).await?;
        for fault in faults {
            world.mocks.misbehave(Service::Saml, *fault)?;
            let refused = is_refused(&world, &format!("{} with {manner:?}", fault.name())).await;
            world.mocks.behave(Service::Saml);
            refused?;
        }
    }
    world.mocks.change_saml(|now| *now = Manner::default());
    Ok(())
}

fn signing(signs: Signs) -> Manner {
    Manner {
        signs,
        ..Manner::default()
    }
}

fn either() -> [Manner; 2] {
    [signing(Signs::Assertion), signing(Signs::Response)]
}

fn encrypting(signs: Signs, cipher: Cipher, transport: Transport) -> Manner {
    Manner {
        signs,
        encrypts: Some(cipher),
        transport,
        ..Manner::default()
    }
}

#[tokio::test]
async fn sec_118_wrapped_signatures_let_nobody_in() -> Outcome {
    let wrappings = [
        Fault::Xsw1,
        Fault::Xsw2,
        Fault::Xsw3,
        Fault::Xsw4,
        Fault::Xsw5,
        Fault::Xsw6,
        Fault::Xsw7,
        Fault::Xsw8,
    ];
    all_refused(&either(), &wrappings).await
}

#[tokio::test]
async fn sec_119_an_assertion_before_the_signed_one_is_refused() -> Outcome {
    all_refused(&either(), &[Fault::Xsw3]).await
}

#[tokio::test]
async fn sec_120_two_assertions_are_refused_though_both_are_signed() -> Outcome {
    all_refused(&either(), &[Fault::TwoAssertions]).await
}

#[tokio::test]
async fn sec_121_markup_in_names_is_refused() -> Outcome {
    let faults = [
        Fault::CommentInName,
        Fault::InstructionInName,
        Fault::CdataInName,
    ];
    all_refused(&either(), &faults).await
}

#[tokio::test]
async fn sec_122_names_that_parsers_disagree_about_are_refused() -> Outcome {
    all_refused(&either(), &[Fault::TwoColons]).await
}

#[tokio::test]
async fn sec_123_a_document_type_is_refused() -> Outcome {
    all_refused(&either(), &[Fault::Doctype, Fault::Entity]).await
}

#[tokio::test]
async fn sec_124_duplicate_ids_and_smuggled_digests_are_refused() -> Outcome {
    all_refused(&either(), &[Fault::DuplicateId, Fault::SmuggledDigest]).await
}

#[tokio::test]
async fn sec_125_the_digest_of_nothing_is_refused() -> Outcome {
    all_refused(&either(), &[Fault::EmptyDigest]).await
}

#[tokio::test]
async fn sec_126_two_signed_infos_and_comments_in_digests_are_refused() -> Outcome {
    all_refused(&either(), &[Fault::TwoSignedInfos, Fault::CommentInDigest]).await
}

#[tokio::test]
async fn sec_127_a_key_that_comes_with_the_message_is_not_trusted() -> Outcome {
    all_refused(&either(), &[Fault::ForeignKey]).await
}

#[tokio::test]
async fn sec_128_a_signature_of_another_node_is_refused() -> Outcome {
    let faults = [Fault::SignatureOfAnother, Fault::ReferenceElsewhere];
    all_refused(&either(), &faults).await?;
    // Nobody fetched what the reference named.
    let world = World::shared().await?;
    let seen = world.mocks.requests(Service::Saml);
    ensure!(
        seen.iter().all(|one| !one.target.contains("elsewhere")),
        "a reference was followed: {seen:?}"
    );
    Ok(())
}

#[tokio::test]
async fn sec_129_two_references_are_refused() -> Outcome {
    all_refused(&either(), &[Fault::TwoReferences]).await
}

#[tokio::test]
async fn sec_130_the_place_of_a_signature_decides_nothing() -> Outcome {
    let faults = [Fault::SignatureInExtensions, Fault::AssertionInObject];
    all_refused(&either(), &faults).await
}

#[tokio::test]
async fn sec_131_what_is_only_encrypted_is_not_signed() -> Outcome {
    all_refused(&[Manner::default()], &[Fault::EncryptedUnsigned]).await
}

#[tokio::test]
async fn sec_132_every_condition_must_be_there_and_hold() -> Outcome {
    let faults = [
        Fault::MissingConditions,
        Fault::MissingConditionsEnd,
        Fault::MissingAudience,
        Fault::SecondAudience,
        Fault::UnknownCondition,
        Fault::MissingSubject,
        Fault::MissingName,
        Fault::EmptyName,
        Fault::MissingConfirmation,
        Fault::HolderOfKey,
        Fault::WrongRecipient,
        Fault::MissingRecipient,
        Fault::ConfirmationExpired,
        Fault::MissingConfirmationEnd,
        Fault::ConfirmationBegins,
        Fault::MissingStatement,
        Fault::SessionEnded,
    ];
    let mut all: Vec<Misbehaviour> = faults.map(Misbehaviour::from).to_vec();
    all.extend([
        Misbehaviour::WrongAudience,
        Misbehaviour::Expired,
        Misbehaviour::NotYetValid,
    ]);
    all_of_them_refused(&either(), &all).await
}

#[tokio::test]
async fn sec_133_a_response_belongs_to_one_request() -> Outcome {
    let faults = [
        Fault::WrongInResponseTo,
        Fault::MissingInResponseTo,
        Fault::WrongConfirmedRequest,
        Fault::MissingConfirmedRequest,
    ];
    all_refused(&either(), &faults).await
}

#[tokio::test]
async fn sec_133_a_response_is_taken_once_also_after_a_kill() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let (mut browser, page) = answered(&world).await?;
    let first = post(&mut browser, &page).await?;
    ensure!(first.offers("consent"), "{first}");
    let again = post(&mut browser, &page).await?;
    ensure!(again.status.is_client_error(), "taken twice: {again}");
    world.gateway.kill_and_restart().await?;
    let again = post(&mut browser, &page).await?;
    ensure!(
        again.status.is_client_error(),
        "taken after a kill: {again}"
    );
    // A new request, and a new signature, of an assertion with the same id.
    world.mocks.misbehave(Service::Saml, Fault::RepeatedId)?;
    is_refused(&world, "the same assertion").await?;
    world.gateway.kill_and_restart().await?;
    is_refused(&world, "the same assertion after a kill").await?;
    world.mocks.behave(Service::Saml);
    comes_in(&world).await
}

#[tokio::test]
async fn sec_133_an_assertion_is_taken_once_by_two_gateways() -> Outcome {
    let world = World::start(Options::default()).await?;
    let other = world.companion("second").await?;
    let there = |path: &str| other.url("contoso", path);
    let metadata = there(&format!("/_vestibule/metadata/{PARTNER}"));
    let metadata = world.browser().fetch("GET", &metadata, &[], "").await?;
    world
        .mocks
        .register_service_provider(&metadata.expect(200)?.text())?;
    let tried_there = async || -> Outcome<Page> {
        let (mut browser, page) = answered_at(&world, &there(README)).await?;
        post(&mut browser, &page).await
    };
    let page = tried_there().await?;
    ensure!(
        page.offers("consent"),
        "an honest response: {page}\n{}",
        other.gateway.process().log()
    );
    comes_in(&world).await?;
    // The partner signs the same assertion id once more, for the other gateway.
    world.mocks.misbehave(Service::Saml, Fault::RepeatedId)?;
    let page = tried_there().await?;
    ensure!(
        page.status.is_client_error(),
        "taken by both gateways: {page}"
    );
    Ok(())
}

#[tokio::test]
async fn sec_133_a_response_is_taken_from_the_browser_that_asked() -> Outcome {
    let world = World::shared().await?;
    let (mut nora, page) = answered(&world).await?;
    let mut other = world.browser();
    let refused = world.short_of_upstream(post(&mut other, &page)).await?;
    ensure!(
        refused.status.is_client_error() && !refused.offers("consent"),
        "another browser: {refused}"
    );
    world.is_nobody(&mut other).await?;
    // It was not used up by that, and Lax cookies are not needed: the post comes from another site.
    let page = post(&mut nora, &page).await?;
    let well = page.offers("consent") || page.status.is_redirection();
    ensure!(well, "the right browser: {page}");
    Ok(())
}

#[tokio::test]
async fn sec_134_keys_without_a_use_sign_and_no_keys_are_a_refusal() -> Outcome {
    let world = World::start(Options::default()).await?;
    world
        .mocks
        .misbehave(Service::Saml, Fault::KeysWithoutUse)?;
    comes_in(&world).await?;
    let world = World::start(Options::default()).await?;
    world.mocks.misbehave(Service::Saml, Fault::NoSigningKeys)?;
    let mut browser = world.browser();
    let page = saml::begin(&mut browser, &world.url("contoso", README), NORA).await?;
    ensure!(
        !page.offers("user") && page.status.as_u16() >= 400,
        "went on without a signing key: {page}"
    );
    Ok(())
}

#[tokio::test]
async fn sec_143_metadata_decide_within_what_the_settings_say() -> Outcome {
    for fault in [
        Fault::OtherEntity,
        Fault::OtherSignOnHost,
        Fault::EndedMetadata,
        Fault::MetadataDoctype,
    ] {
        let world = World::start(Options::default()).await?;
        world.mocks.misbehave(Service::Saml, fault)?;
        let mut browser = world.browser();
        let page = browser.open(&world.url("contoso", README)).await?;
        let page = world
            .short_of_upstream(browser.submit(&page, &[("address", NORA)]))
            .await?;
        ensure!(
            !page.offers("user") && page.status.as_u16() >= 400,
            "{}: {page}",
            fault.name()
        );
    }
    Ok(())
}

#[tokio::test]
async fn sec_143_keys_roll_over_without_a_restart() -> Outcome {
    let world = World::start(Options::default()).await?;
    comes_in(&world).await?;
    // Not announced: the old metadata know nothing of the new key.
    world.mocks.roll_over(Service::Saml, OldKey::Kept);
    comes_in(&world).await?;
    Ok(())
}

#[tokio::test]
async fn sec_143_a_key_that_left_the_metadata_is_refused_once_they_are_fetched() -> Outcome {
    let world = World::start(Options::default()).await?;
    comes_in(&world).await?;
    world.mocks.roll_over(Service::Saml, OldKey::Dropped);
    comes_in(&world).await?;
    world.mocks.misbehave(Service::Saml, Fault::RetiredKey)?;
    is_refused(&world, "the key that left").await
}

#[tokio::test]
async fn sec_140_a_signature_of_something_absent_and_changed_values_are_refused() -> Outcome {
    let faults = [Fault::SignatureOfNothing, Fault::Tampered].map(Misbehaviour::from);
    let all = [faults[0], faults[1], Misbehaviour::BadSignature];
    all_of_them_refused(&either(), &all).await
}

#[tokio::test]
async fn sec_142_a_response_beyond_512_kilobytes_is_413() -> Outcome {
    let world = World::shared().await?;
    world.mocks.misbehave(Service::Saml, Fault::LongResponse)?;
    let tried = tried(&world).await;
    world.mocks.behave(Service::Saml);
    let (mut browser, page) = tried?;
    ensure!(page.status == 413, "{page}");
    world.is_nobody(&mut browser).await
}

#[tokio::test]
async fn sec_155_nothing_unsigned_is_believed() -> Outcome {
    all_refused(&either(), &[Fault::Unsigned]).await
}

#[tokio::test]
async fn sec_157_the_response_around_an_assertion_counts() -> Outcome {
    let faults = [
        Fault::MissingStatus,
        Fault::FailedStatus,
        Fault::WrongVersion,
        Fault::WrongDestination,
        Fault::WrongResponseIssuer,
        Fault::WrongAssertionIssuer,
        Fault::MissingAssertionIssuer,
    ];
    let mut all: Vec<Misbehaviour> = faults.map(Misbehaviour::from).to_vec();
    all.push(Misbehaviour::WrongIssuer);
    all_of_them_refused(&either(), &all).await?;
    // Only where the response itself is signed must it say where it goes.
    all_refused(&[signing(Signs::Response)], &[Fault::MissingDestination]).await
}

#[tokio::test]
async fn sec_158_encrypted_assertions_are_taken_signed_inside_or_outside() -> Outcome {
    let world = World::shared().await?;
    for signs in [Signs::Assertion, Signs::Response, Signs::Both] {
        for cipher in [Cipher::Aes128Gcm, Cipher::Aes256Gcm] {
            for transport in [Transport::OaepSha1, Transport::OaepSha256] {
                let manner = encrypting(signs, cipher, transport);
                world.mocks.change_saml(|now| *now = manner.clone());
                let came = comes_in(&world).await;
                world.mocks.change_saml(|now| *now = Manner::default());
                came.map_err(|why| format!("{manner:?}: {why}"))?;
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn sec_159_weak_encryption_and_broken_ciphertext_are_refused() -> Outcome {
    let good = encrypting(Signs::Both, Cipher::Aes256Gcm, Transport::OaepSha1);
    let faults = [
        Fault::Rsa15,
        Fault::ShortCiphertext,
        Fault::FlippedCiphertext,
        Fault::EncryptedNonsense,
    ];
    let in_assertion = encrypting(Signs::Assertion, Cipher::Aes128Gcm, Transport::OaepSha1);
    all_refused(&[good, in_assertion], &faults).await?;
    let world = World::shared().await?;
    for cipher in [Cipher::Aes128Cbc, Cipher::Aes256Cbc] {
        for signs in [Signs::Assertion, Signs::Both] {
            let manner = encrypting(signs, cipher, Transport::OaepSha1);
            world.mocks.change_saml(|now| *now = manner);
            let refused = is_refused(&world, &format!("{cipher:?}")).await;
            world.mocks.change_saml(|now| *now = Manner::default());
            refused?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn sec_160_weak_algorithms_are_refused() -> Outcome {
    let faults = [
        Fault::Sha1Digest,
        Fault::Sha1Signature,
        Fault::Hmac,
        Fault::XsltTransform,
        Fault::XpathTransform,
    ];
    all_refused(&either(), &faults).await
}

#[tokio::test]
async fn sec_160_sha1_is_refused_with_ecdsa_where_it_verifies() -> Outcome {
    let world = World::start(Options::default()).await?;
    world
        .mocks
        .change_saml(|manner| manner.key = KeyKind::Ecdsa);
    comes_in(&world).await?;
    for fault in [Fault::Sha1Signature, Fault::Sha1Digest] {
        world.mocks.misbehave(Service::Saml, fault)?;
        is_refused(&world, fault.name()).await?;
        world.mocks.behave(Service::Saml);
    }
    Ok(())
}

#[tokio::test]
async fn sec_163_what_was_issued_too_early_or_late_is_refused() -> Outcome {
    let faults = [Fault::IssuedInFuture, Fault::IssuedLongAgo];
    all_refused(&either(), &faults).await
}

#[tokio::test]
async fn sec_073_a_partner_speaks_for_its_own_domain_only() -> Outcome {
    all_refused(&either(), &[Fault::ForeignAddress, Fault::NestedInAdvice]).await
}

#[tokio::test]
async fn sec_077_nobody_comes_in_unasked() -> Outcome {
    let world = World::shared().await?;
    let origin = &world.mocks.urls().saml.origin;
    for state in ["", "&RelayState=https://contoso.localhost/"] {
        let mut browser = world.browser();
        let page = browser
            .open(&format!("{origin}/saml/unsolicited?user={NORA}{state}"))
            .await?;
        let page = world.short_of_upstream(carry(&mut browser, page)).await?;
        ensure!(page.status.is_client_error(), "{state}: {page}");
        world.is_nobody(&mut browser).await?;
    }
    Ok(())
}

#[tokio::test]
async fn every_way_of_signing_is_taken() -> Outcome {
    use idp_mocks::Hash;
    for key in [KeyKind::Rsa, KeyKind::Ecdsa] {
        let world = World::start(Options::default()).await?;
        for hash in [Hash::Sha256, Hash::Sha384, Hash::Sha512] {
            for signs in [Signs::Assertion, Signs::Response, Signs::Both] {
                world.mocks.change_saml(|manner| {
                    (manner.key, manner.hash, manner.signs) = (key, hash, signs);
                });
                comes_in(&world)
                    .await
                    .map_err(|why| format!("{key:?} {hash:?} {signs:?}: {why}"))?;
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_provider_is_called_as_the_others_are() -> Outcome {
    let world = World::shared().await?;
    let metadata = world.saml_metadata("contoso", PARTNER).await?;
    ensure!(
        metadata.contains("SPSSODescriptor") && metadata.contains("use=\"encryption\""),
        "{metadata}"
    );
    Ok(())
}
