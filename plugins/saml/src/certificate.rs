//! Certificates as carriers of public keys. Trust comes from the configuration and the metadata, not from a chain:
//! who signed a certificate and until when it holds says nothing here (SAML V2.0 Metadata Interoperability Profile,
//! 2.5).

use aws_lc_rs::rsa::PublicEncryptingKey;
use bergshamra::keys::loader::load_x509_cert_der;

/// Fewest bits of an RSA key.
pub(crate) const LEAST_RSA_BITS: usize = 2048;

/// The public key of a certificate that may verify or encrypt, as `SubjectPublicKeyInfo` in DER: RSA from 2048 bits, or a
/// NIST curve.
///
/// # Errors
/// What is wrong with it, for an operator.
pub(crate) fn public_key(der: &[u8]) -> Result<PublicKey, &'static str> {
    let key = load_x509_cert_der(der).map_err(|_| "is no X.509 certificate of a supported key")?;
    let info = key.to_spki_der().ok_or("holds a key that cannot be used")?;
    match key.algorithm_name() {
        "RSA" => match PublicEncryptingKey::from_der(&info) {
            Ok(rsa) if rsa.key_size_bits() >= LEAST_RSA_BITS => Ok(PublicKey { info, rsa: true }),
            Ok(_) | Err(_) => Err("holds an RSA key that is not of 2048 to 8192 bits"),
        },
        "EC-P256" | "EC-P384" | "EC-P521" => Ok(PublicKey { info, rsa: false }),
        _ => Err("holds a key that is neither RSA nor of a NIST curve"),
    }
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey {
    /// `SubjectPublicKeyInfo` in DER.
    pub(crate) info: Vec<u8>,
    pub(crate) rsa: bool,
}
