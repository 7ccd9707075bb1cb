//! Encrypted assertions (XML Encryption 1.1), opened here: RSA-OAEP and AES-GCM; AES-CBC only where a signature over the
//! ciphertext was verified first, since its padding tells. RSA 1.5 never.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepAlgorithm, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use zeroize::Zeroizing;

use crate::dsig::algorithm;
use crate::guard::{Children, DSIG, Signed, XENC, base64, empty};
use crate::refused::Refused;
use crate::trust::{DecryptionKey, Expected};
use crate::xml::Element;

const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";

/// Most `EncryptedKey`s, each for another recipient.
const KEYS: usize = 4;

const BLOCK: usize = 16;
const NONCE: usize = 12;
const TAG: usize = 16;

/// How the assertion is encrypted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Gcm128,
    Gcm256,
    Cbc128,
    Cbc256,
}

/// A content key for one recipient.
struct Transport {
    algorithm: &'static OaepAlgorithm,
    ciphertext: Vec<u8>,
}

/// Opens an `EncryptedAssertion`.
///
/// - `enclosed`: whether it stands in a response whose signature over the ciphertext was verified.
///
/// Gives the text of the element that was encrypted, not looked at.
///
/// # Errors
/// [`Refused::Encryption`] where the algorithms or the form are not accepted, [`Refused::NotOpened`] where no key opens
/// it.
pub(crate) fn open(
    encrypted: Element<'_>,
    enclosed: bool,
    expected: &Expected<'_>,
) -> Result<Zeroizing<String>, Refused> {
    if expected.decryption.is_empty() {
        return Err(refused("no key to open it with"));
    }
    let mut children = Children::of(encrypted);
    let data = children.take(XENC, "EncryptedData");
    let data = data.ok_or(refused("no `EncryptedData`"))?;
    let mut keys = children.all(XENC, "EncryptedKey");
    children.end()?;
    let (content, ciphertext) = read_data(data, &mut keys)?;
    if matches!(content, Content::Cbc128 | Content::Cbc256) && !(expected.cbc && enclosed) {
        return Err(refused("AES-CBC, where it is not allowed or not signed"));
    }
    if keys.is_empty() || keys.len() > KEYS {
        return Err(refused("no encrypted key, or too many"));
    }
    let transports = keys.into_iter().map(read_key);
    let transports: Vec<_> = transports.collect::<Result<_, _>>()?;
    let opened = transports
        .iter()
        .flat_map(|transport| expected.decryption.iter().map(move |key| (transport, key)))
        .filter_map(|(transport, key)| unwrap_key(transport, key))
        .find_map(|key| decrypt(content, &key, &ciphertext));
    opened.ok_or(Refused::NotOpened)
}

/// The document with `opened` in the place of `encrypted`, without the signature of the response, which was over the
/// ciphertext.
pub(crate) fn substitute(
    xml: &[u8],
    encrypted: Element<'_>,
    enclosed: Option<Signed<'_>>,
    opened: &str,
) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let lost = || Refused::Structure("an element without a place");
    let place = encrypted.range().ok_or_else(lost)?;
    // Schema order: the signature stands before the assertion.
    let cut = match enclosed {
        Some(signed) => signed.signature.range().ok_or_else(lost)?,
        None => place.start..place.start,
    };
    let before = xml.get(..cut.start).ok_or_else(lost)?;
    let between = xml.get(cut.end..place.start).ok_or_else(lost)?;
    let after = xml.get(place.end..).ok_or_else(lost)?;
    let opened = opened.trim_matches(crate::xml::is_space).as_bytes();
    Ok(Zeroizing::new([before, between, opened, after].concat()))
}

/// Algorithm and ciphertext; keys that stand inside are added to `keys`.
fn read_data<'t>(
    data: Element<'t>,
    keys: &mut Vec<Element<'t>>,
) -> Result<(Content, Vec<u8>), Refused> {
    let kind = data.attribute("Type");
    if kind.is_some_and(|kind| kind != "http://www.w3.org/2001/04/xmlenc#Element") {
        return Err(refused("something else than an element"));
    }
    let mut children = Children::of(data);
    let method = children.take(XENC, "EncryptionMethod");
    let method = method.ok_or(refused("no `EncryptionMethod`"))?;
    empty(method)?;
    let content = match algorithm(method) {
        "http://www.w3.org/2009/xmlenc11#aes128-gcm" => Content::Gcm128,
        "http://www.w3.org/2009/xmlenc11#aes256-gcm" => Content::Gcm256,
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc" => Content::Cbc128,
        "http://www.w3.org/2001/04/xmlenc#aes256-cbc" => Content::Cbc256,
        _ => return Err(refused("a cipher that is not accepted")),
    };
    let info = children.take(DSIG, "KeyInfo");
    for child in info.into_iter().flat_map(Element::children) {
        if child.is(XENC, "EncryptedKey") {
            keys.push(child);
        } else if child.is(DSIG, "RetrievalMethod") {
            // To the key beside; nothing is retrieved.
            let uri = child.attribute("URI").unwrap_or_default();
            if !uri.starts_with('#') || empty(child).is_err() {
                return Err(refused("a key that is elsewhere"));
            }
        } else {
            hint(child)?;
        }
    }
    let ciphertext = read_cipher(&mut children)?;
    children.end()?;
    Ok((content, ciphertext))
}

/// `CipherData` with the bytes in it.
fn read_cipher(children: &mut Children<'_>) -> Result<Vec<u8>, Refused> {
    let data = children.take(XENC, "CipherData");
    let mut children = Children::of(data.ok_or(refused("no `CipherData`"))?);
    let value = children.take(XENC, "CipherValue");
    let value = value.ok_or(refused("a ciphertext that is elsewhere"))?;
    children.end()?;
    base64(value).ok_or(refused("a ciphertext that is not base64"))
}

fn read_key(key: Element<'_>) -> Result<Transport, Refused> {
    let mut children = Children::of(key);
    let method = children.take(XENC, "EncryptionMethod");
    let method = method.ok_or(refused("no `EncryptionMethod`"))?;
    let algorithm = oaep(method)?;
    if let Some(info) = children.take(DSIG, "KeyInfo") {
        info.children().try_for_each(hint)?;
    }
    let ciphertext = read_cipher(&mut children)?;
    let _references = children.take(XENC, "ReferenceList");
    let _name = children.take(XENC, "CarriedKeyName");
    children.end()?;
    Ok(Transport {
        algorithm,
        ciphertext,
    })
}

/// Says which key it is. Every key that we have is tried anyway.
fn hint(child: Element<'_>) -> Result<(), Refused> {
    let known = matches!(child.name(), "KeyName" | "KeyValue" | "X509Data");
    if child.namespace() == Some(DSIG) && known {
        Ok(())
    } else {
        Err(refused("a key that is elsewhere"))
    }
}

/// Digest and mask of OAEP (XML Encryption 1.1, 5.5.2).
fn oaep(method: Element<'_>) -> Result<&'static OaepAlgorithm, Refused> {
    let mut children = Children::of(method);
    let digest = children.take(DSIG, "DigestMethod");
    let mask = children.take(XENC11, "MGF");
    children.end()?;
    for parameter in [digest, mask].into_iter().flatten() {
        empty(parameter)?;
    }
    let digest = match digest.map(algorithm) {
        None | Some("http://www.w3.org/2000/09/xmldsig#sha1") => 1,
        Some("http://www.w3.org/2001/04/xmlenc#sha256") => 256,
        Some("http://www.w3.org/2001/04/xmldsig-more#sha384") => 384,
        Some("http://www.w3.org/2001/04/xmlenc#sha512") => 512,
        Some(_) => return Err(refused("a digest of OAEP that is not accepted")),
    };
    let mask = match (algorithm(method), mask.map(algorithm)) {
        ("http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p", None) => 1,
        ("http://www.w3.org/2009/xmlenc11#rsa-oaep", mask) => match mask {
            None | Some("http://www.w3.org/2009/xmlenc11#mgf1sha1") => 1,
            Some("http://www.w3.org/2009/xmlenc11#mgf1sha256") => 256,
            Some("http://www.w3.org/2009/xmlenc11#mgf1sha384") => 384,
            Some("http://www.w3.org/2009/xmlenc11#mgf1sha512") => 512,
            Some(_) => return Err(refused("a mask of OAEP that is not accepted")),
        },
        _ => return Err(refused("a key transport that is not accepted")),
    };
    match (digest, mask) {
        (1, 1) => Ok(&OAEP_SHA1_MGF1SHA1),
        (256, 256) => Ok(&OAEP_SHA256_MGF1SHA256),
        (384, 384) => Ok(&OAEP_SHA384_MGF1SHA384),
        (512, 512) => Ok(&OAEP_SHA512_MGF1SHA512),
        _ => Err(refused("a pair of digest and mask that is not accepted")),
    }
}

/// The content key, if this key of ours opens it.
fn unwrap_key(transport: &Transport, key: &DecryptionKey) -> Option<Zeroizing<Vec<u8>>> {
    let key = PrivateDecryptingKey::from_pkcs8(&key.0).ok()?;
    let key = OaepPrivateDecryptingKey::new(key).ok()?;
    let mut room = Zeroizing::new(vec![0; key.min_output_size()]);
    let opened = key
        .decrypt(transport.algorithm, &transport.ciphertext, &mut room, None)
        .ok()?;
    Some(Zeroizing::new(opened.to_vec()))
}

fn decrypt(content: Content, key: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<String>> {
    let plain = match content {
        Content::Gcm128 => gcm(UnboundKey::new(&AES_128_GCM, key).ok()?, ciphertext),
        Content::Gcm256 => gcm(UnboundKey::new(&AES_256_GCM, key).ok()?, ciphertext),
        Content::Cbc128 => cbc(UnboundCipherKey::new(&AES_128, key).ok()?, ciphertext),
        Content::Cbc256 => cbc(UnboundCipherKey::new(&AES_256, key).ok()?, ciphertext),
    }?;
    let text = std::str::from_utf8(&plain).ok()?;
    Some(Zeroizing::new(text.to_owned()))
}

/// Nonce of 12 bytes, ciphertext, tag of 16 bytes (XML Encryption 1.1, 5.2.4).
fn gcm(key: UnboundKey, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = ciphertext.split_first_chunk::<NONCE>()?;
    if sealed.len() <= TAG {
        return None;
    }
    let mut buffer = Zeroizing::new(sealed.to_vec());
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let opened = LessSafeKey::new(key).open_in_place(nonce, Aad::empty(), &mut buffer);
    let length = opened.ok()?.len();
    buffer.truncate(length);
    Some(buffer)
}

/// IV of 16 bytes, whole blocks; the last byte says how many to drop, and the others of them say nothing (XML Encryption
/// 1.1, 5.2.1).
fn cbc(key: UnboundCipherKey, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (iv, blocks) = ciphertext.split_first_chunk::<BLOCK>()?;
    if !blocks.len().is_multiple_of(BLOCK) {
        return None;
    }
    let mut buffer = Zeroizing::new(blocks.to_vec());
    let iv = DecryptionContext::Iv128(FixedLength::from(iv));
    let key = DecryptingKey::cbc(key).ok()?;
    let length = key.decrypt(&mut buffer, iv).ok()?.len();
    let padding = usize::from(*buffer.get(length.checked_sub(1)?)?);
    if !(1..=BLOCK).contains(&padding) {
        return None;
    }
    buffer.truncate(length.checked_sub(padding)?);
    Some(buffer)
}

fn refused(what: &'static str) -> Refused {
    Refused::Encryption(what)
}
