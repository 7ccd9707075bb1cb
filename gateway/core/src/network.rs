//! Network addresses and ranges of them.

use core::net::IpAddr;
use std::fmt;

/// Addresses and CIDR ranges, of which none overlaps another.
///
/// Source: `Set-SPOTenant -IPAddressAllowList`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressRanges(Vec<AddressRange>);

/// One range: every address that begins with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    first: IpAddr,
    bits: u8,
}

/// Why ranges are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRanges {
    /// Not an address or range.
    #[error("`{0}` is not an IPv4 or IPv6 address or range such as `192.0.2.0/24`")]
    Malformed(String),
    /// Two of them share addresses.
    #[error("`{0}` and `{1}` overlap: remove one")]
    Overlap(AddressRange, AddressRange),
}

impl AddressRanges {
    /// Parses addresses and ranges. Bits behind the prefix must be zero.
    ///
    /// # Errors
    /// [`NotRanges`].
    pub fn parse<'a>(given: impl IntoIterator<Item = &'a str>) -> Result<Self, NotRanges> {
        let mut all: Vec<AddressRange> = Vec::new();
        for text in given {
            let range = AddressRange::parse(text)
                .ok_or_else(|| NotRanges::Malformed(text.chars().take(80).collect()))?;
            if let Some(other) = all.iter().find(|other| other.overlaps(range)) {
                return Err(NotRanges::Overlap(*other, range));
            }
            all.push(range);
        }
        Ok(Self(all))
    }

    /// Whether `address` lies in one of them. An IPv4 address that came in over IPv6 is the IPv4 address.
    #[must_use]
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|range| range.contains(address))
    }

    /// The ranges.
    pub fn iter(&self) -> impl Iterator<Item = &AddressRange> {
        self.0.iter()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl AddressRange {
    /// The first address.
    #[must_use]
    pub const fn first(&self) -> IpAddr {
        self.first
    }

    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().ok()?;
        let most = width(first);
        let bits = match bits {
            None => most,
            Some(bits) if bits.len() <= 3 && bits.bytes().all(|byte| byte.is_ascii_digit()) => {
                bits.parse().ok().filter(|bits| *bits <= most)?
            }
            Some(_) => return None,
        };
        let range = Self { first, bits };
        (range.masked(first) == number(first)).then_some(range)
    }

    fn contains(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        width(address) == width(self.first) && self.masked(address) == number(self.first)
    }

    fn overlaps(self, other: Self) -> bool {
        let shorter = if self.bits < other.bits { self } else { other };
        width(self.first) == width(other.first)
            && shorter.masked(self.first) == shorter.masked(other.first)
    }

    /// The first bits of `address`, as many as the range fixes; the others zero.
    fn masked(self, address: IpAddr) -> u128 {
        let free = u32::from(width(self.first).saturating_sub(self.bits));
        let kept = u128::MAX.checked_shl(free).unwrap_or(0);
        number(address) & kept
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bits == width(self.first) {
            self.first.fmt(f)
        } else {
            write!(f, "{}/{}", self.first, self.bits)
        }
    }
}

fn width(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(given: &[&str]) -> Result<AddressRanges, NotRanges> {
        AddressRanges::parse(given.iter().copied())
    }

    #[test]
    fn addresses_are_found_in_their_range_only() {
        let ranges = ranges(&["192.0.2.0/24", "198.51.100.7", "2001:db8::/32"]).unwrap();
        for inside in [
            "192.0.2.0",
            "192.0.2.255",
            "198.51.100.7",
            "2001:db8:ffff::1",
            "::ffff:192.0.2.9",
        ] {
            assert!(ranges.contain(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["192.0.3.0", "198.51.100.8", "2001:db9::", "::192.0.2.9"] {
            assert!(!ranges.contain(outside.parse().unwrap()), "{outside}");
        }
        let everything = AddressRanges::parse(["0.0.0.0/0"]).unwrap();
        assert!(everything.contain("203.0.113.1".parse().unwrap()));
        assert!(!everything.contain("::1".parse().unwrap()));
    }

    #[test]
    fn ranges_that_overlap_are_refused() {
        for pair in [
            ["192.0.2.0/24", "192.0.2.128/25"],
            ["192.0.2.128/25", "192.0.2.0/24"],
            ["192.0.2.1", "192.0.2.1"],
            ["2001:db8::/32", "2001:db8:1::/48"],
        ] {
            assert!(
                matches!(ranges(&pair), Err(NotRanges::Overlap(..))),
                "{pair:?}"
            );
        }
        assert!(ranges(&["192.0.2.0/25", "192.0.2.128/25"]).is_ok());
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for bad in [
            "",
            "192.0.2",
            "192.0.2.0/33",
            "192.0.2.1/24",
            "2001:db8::/129",
            "192.0.2.0/+4",
            "192.0.2.0/",
            "a",
            "192.0.2.0/24/1",
        ] {
            assert!(
                matches!(ranges(&[bad]), Err(NotRanges::Malformed(_))),
                "{bad}"
            );
        }
    }
}
