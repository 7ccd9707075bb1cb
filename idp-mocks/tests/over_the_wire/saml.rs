//! The SAML partner, judged by xmlsec1.

use idp_mocks::{
    Binding, Cipher, Endpoint, Hash, KeyKind, Misbehaviour, NameIdKind, OldKey, SamlFault, Service,
    Signs, Transport,
};
use serde_json::json;

use crate::client::{get, mocks, post_form, post_json};
use crate::saml_sp::{
    NORA, SLO, SP, ServiceProvider, attribute, authn_request, field, id, message, now, person,
    redirected, text,
};

#[tokio::test]
async fn what_is_signed_is_verified_by_other_software() {
    let mocks = mocks().await;
    let sp = ServiceProvider::known_to(&mocks);
    let ways = [
        (KeyKind::Rsa, Hash::Sha256),
        (KeyKind::Rsa, Hash::Sha384),
        (KeyKind::Rsa, Hash::Sha512),
        (KeyKind::Ecdsa, Hash::Sha256),
    ];
    for (key, hash) in ways {
        for (signs, signed) in [
            (Signs::Assertion, &["Assertion"][..]),
            (Signs::Response, &["Response"]),
            (Signs::Both, &["Response", "Assertion"]),
        ] {
            mocks.change_saml(|manner| {
                (manner.key, manner.hash, manner.signs) = (key, hash, signs);
            });
            let response = sp.sign_in(&mocks).await;
            for element in ["Response", "Assertion"] {
                let want = signed.contains(&element);
                let is = sp.verified(&mocks, &response, element).await;
                assert_eq!(is, want, "{key:?} {hash:?} {signs:?} {element}: {response}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_encrypted_is_opened_by_other_software_and_still_signed() {
    let mocks = mocks().await;
    let sp = ServiceProvider::known_to(&mocks);
    for cipher in [
        Cipher::Aes128Gcm,
        Cipher::Aes256Gcm,
        Cipher::Aes128Cbc,
        Cipher::Aes256Cbc,
    ] {
        for transport in [Transport::OaepSha1, Transport::Rsa15] {
            mocks.change_saml(|manner| {
                (manner.encrypts, manner.transport, manner.signs) =
                    (Some(cipher), transport, Signs::Both);
            });
            let response = sp.sign_in(&mocks).await;
            assert!(!response.contains("<saml:Assertion"), "{response}");
            assert!(sp.verified(&mocks, &response, "Response").await);
            let opened = sp.opened(&response).expect("xmlsec1 opens it");
            assert!(opened.contains(NORA), "{opened}");
            assert!(sp.verified(&mocks, &opened, "Assertion").await, "{opened}");
        }
    }
}

#[tokio::test]
async fn a_response_says_who_and_to_whom_and_for_how_long() {
    let mocks = mocks().await;
    let sp = ServiceProvider::known_to(&mocks);
    let request = authn_request(&mocks, "_00112233445566778899aabbccddeeff", "");
    let page = sp.ask(&mocks, &request).await;
    assert!(page.text().contains("Nora"));
    let response = sp.choose(&mocks, &page, &[("user", &person(&mocks))]).await;
    let asked = "_00112233445566778899aabbccddeeff";
    assert_eq!(attribute(&response, "InResponseTo"), asked);
    assert_eq!(text(&response, "saml:Issuer"), mocks.urls().saml.entity_id);
    assert_eq!(text(&response, "saml:NameID"), person(&mocks));
    assert!(response.contains(&format!("<saml:Audience>{SP}</saml:Audience>")));
    assert!(response.contains(NORA));
    assert!(response.contains("nameid-format:persistent"));
    assert!(response.contains("status:Success"));
}

#[tokio::test]
async fn names_are_of_the_form_that_is_wanted() {
    let mocks = mocks().await;
    let sp = ServiceProvider::known_to(&mocks);
    mocks.change_saml(|manner| manner.name_id = NameIdKind::Email);
    assert_eq!(text(&sp.sign_in(&mocks).await, "saml:NameID"), NORA);
    mocks.change_saml(|manner| manner.name_id = NameIdKind::Transient);
    let (one, other) = (sp.sign_in(&mocks).await, sp.sign_in(&mocks).await);
    assert_ne!(text(&one, "saml:NameID"), text(&other, "saml:NameID"));
    // The request's wish comes before the usual manner.
    let policy = "<p:NameIDPolicy Format='urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'/></p:AuthnRequest>";
    let request = authn_request(&mocks, &id(), "").replace("</p:AuthnRequest>", policy);
    let page = sp.ask(&mocks, &request).await;
    let response = sp.choose(&mocks, &page, &[("user", &person(&mocks))]).await;
    assert_eq!(text(&response, "saml:NameID"), person(&mocks));
}

#[tokio::test]
async fn a_person_who_cancels_or_cannot_comply_comes_back_with_a_signed_no() {
    let mocks = mocks().await;
    let sp = ServiceProvider::known_to(&mocks);
    let page = sp.ask(&mocks, &authn_request(&mocks, &id(), "")).await;
    let response = sp.choose(&mocks, &page, &[("cancel", "1")]).await;
    assert!(response.contains("status:AuthnFailed") && !response.contains("<saml:Assertion"));
    assert!(sp.verified(&mocks, &response, "Response").await);

    let passive = authn_request(&mocks, &id(), "IsPassive='true'");
    let response = message(&sp.ask(&mocks, &passive).await, "SAMLResponse");
    assert!(response.contains("status:NoPassive"));

    let context = "<p:RequestedAuthnContext><a:AuthnContextClassRef xmlns:a='urn:oasis:names:tc:SAML:2.0:assertion'>\
                   https://refeds.org/profile/mfa</a:AuthnContextClassRef></p:RequestedAuthnContext></p:AuthnRequest>";
    let demanding = || authn_request(&mocks, &id(), "").replace("</p:AuthnRequest>", context);
    let page = sp.ask(&mocks, &demanding()).await;
    let nora = person(&mocks);
    let response = sp.choose(&mocks, &page, &[("user", &nora)]).await;
    assert!(response.contains("status:NoAuthnContext"));
    mocks.change_world(|world| {
        let nora = world.people.iter_mut().find(|one| one.address == NORA);
        nora.unwrap().acrs = vec!["https://refeds.org/profile/mfa".to_owned()];
    });
    let page = sp.ask(&mocks, &demanding()).await;
    let response = sp.choose(&mocks, &page, &[("user", &nora)]).await;
    assert_eq!(
        text(&response, "saml:AuthnContextClassRef"),
        "https://refeds.org/profile/mfa"
    );
}

#[tokio::test]
async fn requests_that_are_not_right_are_refused() {
    let mocks = mocks().await;
    let sp = ServiceProvider::known_to(&mocks);
    let sign_on = &mocks.urls().saml.sign_on;
    let right = authn_request(&mocks, &id(), "");
    let check = async |request: &str, why: &str| {
        let page = sp.ask(&mocks, request).await;
        assert_eq!(page.status, 400, "{request}");
        assert!(page.text().contains(why), "{request}: {}", page.text());
    };
    check(&right.replace(SP, "https://other.localhost/"), "not known").await;
    check(
        &right.replace(sign_on, "https://other.localhost/"),
        "Destination",
    )
    .await;
    check(
        &right.replace("sp.localhost/acs", "evil.localhost/acs"),
        "metadata",
    )
    .await;
    check(&right.replace("Version='2.0'", "Version='1.1'"), "Version").await;
    // Taken from the request: it may be a second later by now.
    let (_, issued) = right.split_once("IssueInstant='").unwrap();
    let (issued, _) = issued.split_once('\'').unwrap();
    check(&right.replace(issued, &now(-600)), "IssueInstant").await;
    check(&authn_request(&mocks, "_1", ""), "128 bits").await;
    check(&format!("<!DOCTYPE a>{right}"), "document type").await;
    assert_eq!(sp.ask(&mocks, &right).await.status, 200);
    check(&right, "seen before").await;

    let fresh = authn_request(&mocks, &id(), "");
    let query = sp.query("SAMLRequest", &fresh);
    let (unsigned, _) = query.split_once("&SigAlg").unwrap();
    let page = get(&format!("{sign_on}?{unsigned}")).await;
    assert!(page.text().contains("not signed"), "{}", page.text());
    let changed = query.replace("a+relay+state", "another+state");
    let page = get(&format!("{sign_on}?{changed}")).await;
    assert!(page.text().contains("key"), "{}", page.text());
    // Where the provider and its metadata do not ask for signatures.
    mocks.change_saml(|manner| manner.wants_signed_requests = false);
    let metadata = sp.metadata().replace("AuthnRequestsSigned='true'", "");
    mocks.register_service_provider(&metadata).unwrap();
    assert_eq!(get(&format!("{sign_on}?{unsigned}")).await.status, 200);
}

#[tokio::test]
async fn what_is_said_wrongly_is_signed_rightly() {
    use SamlFault as F;
    let mocks = mocks().await;
    let sp = ServiceProvider::known_to(&mocks);
    let honest = sp.sign_in(&mocks).await;
    assert!(sp.verified(&mocks, &honest, "Assertion").await);
    // Otherwise a service provider would refuse them for the signature alone, and prove nothing.
    let mut faults: Vec<Misbehaviour> = vec![
        Misbehaviour::WrongIssuer,
        Misbehaviour::WrongAudience,
        Misbehaviour::Expired,
        Misbehaviour::NotYetValid,
    ];
    let said = [
        F::TwoAssertions,
        F::CommentInName,
        F::InstructionInName,
        F::CdataInName,
        F::EmptyDigest,
        F::CommentInDigest,
        F::SignatureOfAnother,
        F::TwoReferences,
        F::XsltTransform,
        F::XpathTransform,
        F::Sha1Digest,
        F::WrongVersion,
        F::MissingStatus,
        F::FailedStatus,
        F::WrongResponseIssuer,
        F::WrongAssertionIssuer,
        F::WrongDestination,
        F::MissingDestination,
        F::WrongInResponseTo,
        F::MissingInResponseTo,
        F::WrongConfirmedRequest,
        F::MissingConfirmedRequest,
        F::IssuedInFuture,
        F::IssuedLongAgo,
        F::MissingConditions,
        F::MissingConditionsEnd,
        F::MissingAudience,
        F::SecondAudience,
        F::UnknownCondition,
        F::MissingSubject,
        F::MissingName,
        F::EmptyName,
        F::MissingConfirmation,
        F::HolderOfKey,
        F::WrongRecipient,
        F::MissingRecipient,
        F::ConfirmationExpired,
        F::MissingConfirmationEnd,
        F::ConfirmationBegins,
        F::MissingStatement,
        F::SessionEnded,
        F::AuthenticatedLongAgo,
        F::ForeignAddress,
        F::NestedInAdvice,
        F::RepeatedId,
        F::MissingAssertionIssuer,
        F::LongResponse,
        F::SmuggledDigest,
        F::Xsw3,
        F::Xsw4,
        F::Xsw7,
    ];
    faults.extend(said.map(Misbehaviour::from));
    for fault in faults {
        // A digest of nothing is not right; everything around it is.
        let sound = ![F::EmptyDigest].map(Misbehaviour::from).contains(&fault);
        mocks.misbehave(Service::Saml, fault).unwrap();
        let response = sp.sign_in(&mocks).await;
        let is = sp.verified(&mocks, &response, "Assertion").await;
        assert_eq!(is, sound, "{}: {response}", fault.name());
        assert_ne!(response.len(), 0, "{} leaves nothing", fault.name());
        mocks.behave(Service::Saml);
    }
}

#[tokio::test]
async fn what_is_signed_wrongly_is_not_verified() {
    use SamlFault as F;
    let mocks = mocks().await;
    let sp = ServiceProvider::known_to(&mocks);
    let mut faults = vec![Misbehaviour::BadSignature];
    let wrong = [
        F::Xsw5,
        F::Xsw6,
        F::Xsw8,
        F::ForeignKey,
        F::SignatureOfNothing,
        F::ReferenceElsewhere,
        F::Unsigned,
        F::Tampered,
        F::Hmac,
        F::SignatureInExtensions,
        F::Entity,
        F::EncryptedUnsigned,
    ];
    faults.extend(wrong.map(Misbehaviour::from));
    for fault in faults {
        mocks.misbehave(Service::Saml, fault).unwrap();
        let response = sp.sign_in(&mocks).await;
        // Where the pieces lie apart xmlsec1 looks at the assertion's place only, as a service provider should.
        let apart = [F::Xsw5, F::Xsw6, F::Xsw8]
            .map(Misbehaviour::from)
            .contains(&fault);
        let is = sp.verified(&mocks, &response, "Assertion").await;
        assert!(!is || apart, "{}: {response}", fault.name());
        mocks.behave(Service::Saml);
    }
}

#[tokio::test]
async fn forgeries_name_somebody_else_beside_the_signed_person() {
    use SamlFault as F;
    let mocks = mocks().await;
    let sp = ServiceProvider::known_to(&mocks);
    for signs in [Signs::Assertion, Signs::Response] {
        mocks.change_saml(|manner| manner.signs = signs);
        for fault in [
            F::Xsw1,
            F::Xsw2,
            F::Xsw3,
            F::Xsw4,
            F::Xsw5,
            F::Xsw6,
            F::Xsw7,
            F::Xsw8,
        ] {
            mocks.misbehave(Service::Saml, fault).unwrap();
            let response = sp.sign_in(&mocks).await;
            let (nora, boss) = (
                response.contains(NORA),
                response.contains("boss@northwind.example"),
            );
            assert!(nora && boss, "{fault:?}: {response}");
            mocks.behave(Service::Saml);
        }
    }
}

#[tokio::test]
async fn damaged_ciphertext_is_not_opened() {
    use SamlFault as F;
    let mocks = mocks().await;
    let sp = ServiceProvider::known_to(&mocks);
    for fault in [
        F::ShortCiphertext,
        F::FlippedCiphertext,
        F::EncryptedNonsense,
    ] {
        mocks.misbehave(Service::Saml, fault).unwrap();
        let response = sp.sign_in(&mocks).await;
        assert!(response.contains("EncryptedAssertion"));
        assert_eq!(sp.opened(&response), None, "{fault:?}");
        mocks.behave(Service::Saml);
    }
}

#[tokio::test]
async fn the_metadata_say_where_and_with_which_keys() {
    let mocks = mocks().await;
    let sp = ServiceProvider::known_to(&mocks);
    let urls = mocks.urls().saml.clone();
    let fetch = async || get(&urls.entity_id).await.text();
    let honest = fetch().await;
    assert_eq!(attribute(&honest, "entityID"), urls.entity_id);
    assert_eq!(
        honest.matches("<md:KeyDescriptor use=\"signing\">").count(),
        1
    );
    assert_eq!(honest.matches(&urls.sign_on).count(), 2);
    mocks.change_saml(|manner| manner.signs_metadata = true);
    let signed = fetch().await;
    assert!(sp.verified(&mocks, &signed, "EntityDescriptor").await);
    mocks.change_saml(|manner| manner.signs_metadata = false);
    mocks.roll_over(Service::Saml, OldKey::Kept);
    let response = sp.sign_in(&mocks).await;
    assert!(sp.verified(&mocks, &response, "Assertion").await);
    assert_eq!(fetch().await.matches("<md:KeyDescriptor").count(), 2);
    mocks.roll_over(Service::Saml, OldKey::Dropped);
    assert_eq!(fetch().await.matches("<md:KeyDescriptor").count(), 1);
    for (fault, said) in [
        (SamlFault::KeysWithoutUse, "<md:KeyDescriptor>"),
        (SamlFault::NoSigningKeys, "use=\"encryption\""),
        (SamlFault::OtherEntity, "https://other-entity.invalid/"),
        (SamlFault::OtherSignOnHost, "https://other-host.invalid/"),
        (SamlFault::MetadataDoctype, "<!DOCTYPE"),
    ] {
        assert!(!fetch().await.contains(said), "{fault:?}");
        mocks.misbehave(Service::Saml, fault).unwrap();
        assert!(fetch().await.contains(said), "{fault:?}");
        mocks.behave(Service::Saml);
    }
}

#[tokio::test]
async fn signing_out_there_ends_the_session_here() {
    let mocks = mocks().await;
    let sp = ServiceProvider::known_to(&mocks);
    let response = sp.sign_in(&mocks).await;
    let (name, index) = (
        person(&mocks),
        attribute(&response, "SessionIndex").to_owned(),
    );
    let logout = &mocks.urls().saml.logout;
    let request = |id: &str| {
        format!(
            "<p:LogoutRequest xmlns:p='urn:oasis:names:tc:SAML:2.0:protocol' \
             xmlns:a='urn:oasis:names:tc:SAML:2.0:assertion' ID='{id}' Version='2.0' IssueInstant='{}' \
             Destination='{logout}'><a:Issuer>{SP}</a:Issuer><a:NameID>{name}</a:NameID>\
             <p:SessionIndex>{index}</p:SessionIndex></p:LogoutRequest>",
            now(0)
        )
    };
    let id_of = id();
    let query = sp.query("SAMLRequest", &request(&id_of));
    let (unsigned, _) = query.split_once("&SigAlg").unwrap();
    let refused = get(&format!("{logout}?{unsigned}")).await;
    assert_eq!(refused.status, 400, "an unsigned request ends nothing");
    let reply = get(&format!("{logout}?{query}")).await;
    assert!(
        reply.header("location").starts_with(SLO),
        "{}",
        reply.text()
    );
    let (answer, sent) = redirected(&reply, "SAMLResponse");
    assert_eq!(attribute(&answer, "InResponseTo"), id_of);
    assert!(answer.contains("status:Success"), "{answer}");
    assert!(sent.contains("&Signature=") && sent.contains("RelayState=a+relay+state"));
    // It is over: a second time there is nothing to end.
    let reply = get(&format!(
        "{logout}?{}",
        sp.query("SAMLRequest", &request(&id()))
    ))
    .await;
    assert!(
        redirected(&reply, "SAMLResponse")
            .0
            .contains("status:Requester")
    );
}

#[tokio::test]
async fn signing_out_here_tells_the_service_provider() {
    let mocks = mocks().await;
    let sp = ServiceProvider::known_to(&mocks);
    sp.sign_in(&mocks).await;
    let urls = mocks.urls().saml.clone();
    let sign_out = format!("{}/saml/sign-out?user={NORA}", urls.origin);
    let reply = get(&sign_out).await;
    let (request, _) = redirected(&reply, "SAMLRequest");
    assert_eq!(text(&request, "saml:NameID"), person(&mocks));
    let answer = |to: &str| {
        format!(
            "<p:LogoutResponse xmlns:p='urn:oasis:names:tc:SAML:2.0:protocol' ID='{}' Version='2.0' \
             IssueInstant='{}' Destination='{}' InResponseTo='{to}'>\
             <a:Issuer xmlns:a='urn:oasis:names:tc:SAML:2.0:assertion'>{SP}</a:Issuer><p:Status>\
             <p:StatusCode Value='urn:oasis:names:tc:SAML:2.0:status:Success'/></p:Status></p:LogoutResponse>",
            id(),
            now(0),
            urls.logout
        )
    };
    let send = async |to: &str| {
        let query = sp.query("SAMLResponse", &answer(to));
        let query = query.replace("RelayState=a+relay+state&", "");
        get(&format!("{}?{query}", urls.logout)).await
    };
    let query = sp.query("SAMLResponse", &answer(&id()));
    assert_eq!(
        get(&format!("{}?{query}", urls.logout)).await.status,
        400,
        "nobody asked for that"
    );
    assert_eq!(
        send(attribute(&request, "ID")).await.status,
        400,
        "the signature covered the relay state"
    );
    // By POST, as it is done next time.
    mocks.change_saml(|manner| manner.logout_by = Binding::Post);
    sp.sign_in(&mocks).await;
    let page = get(&sign_out).await;
    assert!(page.text().contains(&format!("action=\"{SLO}\"")));
    assert!(message(&page, "SAMLRequest").contains("<ds:Signature"));
    mocks
        .misbehave(Service::Saml, SamlFault::UnsignedLogout)
        .unwrap();
    sp.sign_in(&mocks).await;
    let page = get(&sign_out).await;
    assert!(!message(&page, "SAMLRequest").contains("<ds:Signature"));
    assert_eq!(get(&sign_out).await.status, 200, "nobody is left to tell");
}

#[tokio::test]
async fn the_control_api_knows_the_partner_too() {
    let mocks = mocks().await;
    let sp = ServiceProvider::known_to(&mocks);
    let control = format!("{}/_mock", mocks.urls().saml.origin);
    let send = async |what: &str, body: serde_json::Value| {
        post_json(&format!("{control}/{what}"), &body).await.status
    };
    assert_eq!(
        send("saml", json!({"signs": "both", "encrypts": "aes128-gcm"})).await,
        200
    );
    assert!(sp.sign_in(&mocks).await.contains("EncryptedAssertion"));
    assert_eq!(send("saml", json!({"signs": "nothing"})).await, 400);
    assert_eq!(
        send("service-providers", json!({"metadata": sp.metadata()})).await,
        200
    );
    assert_eq!(
        send("service-providers", json!({"metadata": "<a/>"})).await,
        400
    );
    for fault in SamlFault::ALL {
        let wish = json!({"target": "saml", "name": fault.name()});
        assert_eq!(send("misbehave", wish).await, 200, "{}", fault.name());
        let wish = json!({"target": "google", "name": fault.name()});
        assert_eq!(send("misbehave", wish).await, 400, "{}", fault.name());
    }
    let active = get(&format!("{control}/misbehaviours")).await.json();
    assert_eq!(
        active["saml"].as_array().unwrap().len(),
        SamlFault::ALL.len()
    );
    assert_eq!(send("behave", json!({})).await, 200);
    mocks
        .misbehave_at(Service::Saml, Misbehaviour::Http500, Endpoint::Discovery)
        .unwrap();
    assert_eq!(get(&mocks.urls().saml.entity_id).await.status, 500);
}

#[tokio::test]
async fn a_page_leads_to_an_unsolicited_response() {
    let mocks = mocks().await;
    let sp = ServiceProvider::known_to(&mocks);
    let page = get(&format!(
        "{}/saml/unsolicited?user={NORA}",
        mocks.urls().saml.origin
    ))
    .await;
    let response = message(&page, "SAMLResponse");
    assert!(!response.contains("InResponseTo"));
    assert!(sp.verified(&mocks, &response, "Assertion").await);
    let page = post_form(&mocks.urls().saml.sign_on, &[("ticket", "_unknown")]).await;
    assert_eq!(page.status, 400);
    let page = sp.ask(&mocks, &authn_request(&mocks, &id(), "")).await;
    assert!(field(&page, "ticket").starts_with('_'));
}
