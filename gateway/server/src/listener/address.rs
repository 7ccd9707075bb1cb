//! What a proxy in front of the gateway may say about a request, if it is listed.

use std::net::IpAddr;

use gateway_config::model::Gateway;
use http::{HeaderMap, HeaderName};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The client's address: the peer's, unless the peer is a listed proxy and says another.
///
/// The list is read from its end, past further listed proxies, to the first address that is none: only that one was
/// written by somebody who is trusted, and what stands before it is nobody's word. Where nothing can be read it is the peer's own
/// (rows S022, S044).
pub(super) fn client(headers: &HeaderMap, peer: IpAddr, gateway: &Gateway) -> IpAddr {
    if !gateway.trusts(peer) {
        return peer;
    }
    let said: Vec<&[u8]> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .collect();
    for text in said.into_iter().rev() {
        let address = std::str::from_utf8(text)
            .ok()
            .and_then(|text| text.trim().parse::<IpAddr>().ok());
        match address.map(|address| address.to_canonical()) {
            Some(address) if gateway.trusts(address) => {}
            Some(address) => return address,
            None => return peer,
        }
    }
    peer
}

/// Whether the client came over TLS: to us, or to a listed proxy that says so (rows S021, S024).
pub(super) fn secure(headers: &HeaderMap, tls: bool, peer: IpAddr, gateway: &Gateway) -> bool {
    let mut said = headers.get_all(FORWARDED_PROTO).iter();
    let mut https = || {
        said.next()
            .is_some_and(|scheme| scheme.as_bytes() == b"https")
            && said.next().is_none()
    };
    tls || (gateway.trusts(peer) && https())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::support::configuration_of_tests;

    fn gateway(proxies: &[&str]) -> Gateway {
        let mut gateway = configuration_of_tests().gateway;
        gateway.trusted_proxies = proxies.iter().map(|net| net.parse().unwrap()).collect();
        gateway
    }

    fn check(proxies: &[&str], peer: &str, said: &[&str], want: &str) {
        let mut headers = HeaderMap::new();
        for line in said {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        let got = client(&headers, peer.parse().unwrap(), &gateway(proxies));
        assert_eq!(got.to_string(), want, "{said:?}");
    }

    #[test]
    fn sec_022_nobody_is_believed_by_default() {
        check(&[], "192.0.2.1", &["203.0.113.9"], "192.0.2.1");
        assert!(configuration_of_tests().gateway.trusted_proxies.is_empty());
    }

    #[test]
    fn a_listed_proxy_is_believed_as_far_as_it_knows() {
        let proxies = &["192.0.2.0/24"];
        check(proxies, "192.0.2.1", &["203.0.113.9"], "203.0.113.9");
        check(
            proxies,
            "192.0.2.1",
            &["198.51.100.7, 203.0.113.9"],
            "203.0.113.9",
        );
        check(
            proxies,
            "192.0.2.1",
            &["198.51.100.7", "203.0.113.9, 192.0.2.8"],
            "203.0.113.9",
        );
        check(proxies, "192.0.2.1", &[], "192.0.2.1");
        check(proxies, "198.51.100.7", &["203.0.113.9"], "198.51.100.7");
        check(proxies, "192.0.2.1", &["2001:db8::1"], "2001:db8::1");
    }

    #[test]
    fn what_strangers_put_before_a_proxys_word_does_not_undo_it() {
        for said in [
            "garbage, 203.0.113.9",
            "192.0.2.7, x, 203.0.113.9",
            ", 203.0.113.9",
        ] {
            check(&["192.0.2.0/24"], "192.0.2.1", &[said], "203.0.113.9");
        }
    }

    #[test]
    fn sec_044_what_cannot_be_read_was_not_said() {
        let proxies = &["192.0.2.0/24"];
        for garbage in [
            "garbage",
            "203.0.113.9, garbage",
            "203.0.113.9:80",
            "",
            ",",
            "unknown",
        ] {
            check(proxies, "192.0.2.1", &[garbage], "192.0.2.1");
        }
    }

    #[test]
    fn sec_024_only_a_listed_proxy_knows_of_another_scheme() {
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_PROTO, "https".parse().unwrap());
        let peer = "192.0.2.1".parse().unwrap();
        assert!(!secure(&headers, false, peer, &gateway(&[])));
        assert!(secure(&headers, false, peer, &gateway(&["192.0.2.1/32"])));
        assert!(secure(&HeaderMap::new(), true, peer, &gateway(&[])));
        headers.append(FORWARDED_PROTO, "http".parse().unwrap());
        assert!(!secure(&headers, false, peer, &gateway(&["192.0.2.1/32"])));
    }
}
