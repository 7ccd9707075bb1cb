//! Encrypted assertions (XML Encryption 1.1; SAML core, 2.3.4).

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{
    AES_128, AES_256, DecryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::IV_LEN_128_BIT;
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, Pkcs1PublicEncryptingKey,
    PublicEncryptingKey,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::key::{NoKey, public_key};
use super::tree::{Element, XENC11, ds, saml, xenc};

/// The length of the number before what AES-GCM encrypted.
const GCM_NONCE: usize = 12;

/// What encrypts the assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cipher {
    /// AES-128-GCM: `aes128-gcm`.
    Aes128Gcm,
    /// AES-256-GCM: `aes256-gcm`.
    Aes256Gcm,
    /// AES-128-CBC, which anybody can change: `aes128-cbc`.
    Aes128Cbc,
    /// AES-256-CBC: `aes256-cbc`.
    Aes256Cbc,
}

/// What encrypts that key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// RSA-OAEP with SHA-1, the only form of XML Encryption 1.0: `oaep-sha1`.
    #[default]
    OaepSha1,
    /// RSA-OAEP with SHA-256 for both of its hashes: `oaep-sha256`.
    OaepSha256,
    /// RSA with PKCS #1 1.5 padding, which tells too much to whoever may ask often: `rsa15`.
    Rsa15,
}

/// What is wrong with what is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    None,
    /// Three bytes.
    Short,
    /// One bit of it is another.
    Flipped,
    /// What is inside is no XML.
    Nonsense,
}

/// `saml:EncryptedAssertion` with `assertion` in it, for the holder of the certificate's key.
pub(crate) fn encrypted(
    assertion: &Element,
    certificate: &[u8],
    cipher: Cipher,
    transport: Transport,
    damage: Damage,
) -> Result<Element, NoKey> {
    let text = match damage {
        Damage::Nonsense => "<<<".repeat(100),
        _ => assertion.document(),
    };
    let mut key = vec![0; cipher.key_length()];
    rand::fill(&mut key).map_err(|_| NoKey)?;
    let mut sealed = cipher.seal(&key, text.as_bytes())?;
    match damage {
        Damage::Short => sealed.truncate(3),
        Damage::Flipped => {
            if let Some(byte) = sealed.last_mut() {
                *byte ^= 1;
            }
        }
        Damage::None | Damage::Nonsense => {}
    }
    let key = xenc("EncryptedKey")
        .holding(transport.method())
        .holding(value(&transport.seal(certificate, &key)?));
    let data = xenc("EncryptedData")
        .with("Type", "http://www.w3.org/2001/04/xmlenc#Element")
        .holding(xenc("EncryptionMethod").with("Algorithm", cipher.uri()))
        .holding(ds("KeyInfo").holding(key))
        .holding(value(&sealed));
    Ok(saml("EncryptedAssertion").holding(data))
}

fn value(bytes: &[u8]) -> Element {
    xenc("CipherData").holding(xenc("CipherValue").text(&STANDARD.encode(bytes)))
}

impl Cipher {
    pub(crate) fn uri(self) -> &'static str {
        match self {
            Self::Aes128Gcm => "http://www.w3.org/2009/xmlenc11#aes128-gcm",
            Self::Aes256Gcm => "http://www.w3.org/2009/xmlenc11#aes256-gcm",
            Self::Aes128Cbc => "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
            Self::Aes256Cbc => "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
        }
    }

    fn key_length(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes128Cbc => 16,
            Self::Aes256Gcm | Self::Aes256Cbc => 32,
        }
    }

    fn seal(self, key: &[u8], text: &[u8]) -> Result<Vec<u8>, NoKey> {
        match self {
            Self::Aes128Gcm => gcm(UnboundKey::new(&AES_128_GCM, key), text),
            Self::Aes256Gcm => gcm(UnboundKey::new(&AES_256_GCM, key), text),
            Self::Aes128Cbc => cbc(UnboundCipherKey::new(&AES_128, key), text),
            Self::Aes256Cbc => cbc(UnboundCipherKey::new(&AES_256, key), text),
        }
    }
}

fn gcm<E>(key: Result<UnboundKey, E>, text: &[u8]) -> Result<Vec<u8>, NoKey> {
    let mut nonce = [0; GCM_NONCE];
    rand::fill(&mut nonce).map_err(|_| NoKey)?;
    let mut sealed = text.to_vec();
    LessSafeKey::new(key.map_err(|_| NoKey)?)
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::empty(),
            &mut sealed,
        )
        .map_err(|_| NoKey)?;
    Ok([nonce.to_vec(), sealed].concat())
}

/// The padding of PKCS #7 is one of those that XML Encryption allows.
fn cbc<E>(key: Result<UnboundCipherKey, E>, text: &[u8]) -> Result<Vec<u8>, NoKey> {
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(key.map_err(|_| NoKey)?).map_err(|_| NoKey)?;
    let mut sealed = text.to_vec();
    let DecryptionContext::Iv128(iv) = key.encrypt(&mut sealed).map_err(|_| NoKey)? else {
        return Err(NoKey);
    };
    let iv: &[u8; IV_LEN_128_BIT] = iv.as_ref();
    Ok([iv.to_vec(), sealed].concat())
}

impl Transport {
    fn method(self) -> Element {
        let method = xenc("EncryptionMethod");
        match self {
            Self::OaepSha1 => method
                .with(
                    "Algorithm",
                    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
                )
                .holding(
                    ds("DigestMethod").with("Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1"),
                ),
            Self::OaepSha256 => method
                .with("Algorithm", "http://www.w3.org/2009/xmlenc11#rsa-oaep")
                .holding(
                    ds("DigestMethod").with("Algorithm", "http://www.w3.org/2001/04/xmlenc#sha256"),
                )
                .holding(
                    Element::new("xenc11", XENC11, "MGF")
                        .with("Algorithm", "http://www.w3.org/2009/xmlenc11#mgf1sha256"),
                ),
            Self::Rsa15 => method.with("Algorithm", "http://www.w3.org/2001/04/xmlenc#rsa-1_5"),
        }
    }

    fn seal(self, certificate: &[u8], key: &[u8]) -> Result<Vec<u8>, NoKey> {
        let public = public_key(certificate).ok_or(NoKey)?;
        let public = PublicEncryptingKey::from_der(&public).map_err(|_| NoKey)?;
        let mut sealed = vec![0; public.key_size_bytes()];
        let length = match self {
            Self::OaepSha1 | Self::OaepSha256 => {
                let algorithm = match self {
                    Self::OaepSha256 => &OAEP_SHA256_MGF1SHA256,
                    _ => &OAEP_SHA1_MGF1SHA1,
                };
                let public = OaepPublicEncryptingKey::new(public).map_err(|_| NoKey)?;
                let sealed = public.encrypt(algorithm, key, &mut sealed, None);
                sealed.map_err(|_| NoKey)?.len()
            }
            Self::Rsa15 => {
                let public = Pkcs1PublicEncryptingKey::new(public).map_err(|_| NoKey)?;
                public.encrypt(key, &mut sealed).map_err(|_| NoKey)?.len()
            }
        };
        sealed.truncate(length);
        Ok(sealed)
    }
}
