//! Lists of networks, as settings write them: `10.0.0.0/8, 192.168.1.7, fd00::/8`.

use core::fmt;
use core::net::IpAddr;
use core::str::FromStr;

/// All addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        let same = |a: u128, b: u128, width: u32| {
            let rest = width - self.bits;
            // Shifting by the whole width is no shift: a network of no bits has every address.
            self.bits == 0 || a >> rest == b >> rest
        };
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128),
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Network, NotANetwork> {
        let wrong = || NotANetwork(text.to_owned());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), |bits| bits.parse().map_err(|_| wrong()))?;
        match bits <= width {
            true => Ok(Network { address, bits }),
            false => Err(wrong()),
        }
    }
}

/// What stands in a list and is neither an address nor a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotANetwork(pub String);

impl fmt::Display for NotANetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is not an address or a network", self.0)
    }
}

/// Networks, separated by commas or blanks. The empty list has no address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<Network>);

impl Networks {
    /// Whether one of them has this address. An IPv4 address in the form of IPv6 counts as itself.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, Network { address, bits }) in self.0.iter().enumerate() {
            let joint = if number == 0 { "" } else { ", " };
            write!(f, "{joint}{address}/{bits}")?;
        }
        Ok(())
    }
}

impl FromStr for Networks {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Networks, NotANetwork> {
        let names = text.split([',', ' ']).map(str::trim);
        names
            .filter(|name| !name.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Networks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(list: &str, address: &str) -> bool {
        list.parse::<Networks>()
            .unwrap()
            .contains(address.parse().unwrap())
    }

    #[test]
    fn addresses_belong_to_networks_by_their_first_bits() {
        let list = "10.0.0.0/8, 192.168.1.7 fd00::/8";
        for inside in ["10.255.0.1", "192.168.1.7", "fd12::1", "::ffff:10.1.2.3"] {
            assert!(has(list, inside), "{inside}");
        }
        for outside in ["11.0.0.1", "192.168.1.8", "fe80::1", "::1"] {
            assert!(!has(list, outside), "{outside}");
        }
        assert!(has("0.0.0.0/0", "8.8.8.8") && has("::/0", "2001:db8::1") && !has("::/0", "8.8.8.8"));
        assert!(!has("", "127.0.0.1"));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for wrong in ["10.0.0.0/33", "10.0.0", "::1/129", "localhost", "10.0.0.0/"] {
            assert_eq!(wrong.parse::<Networks>(), Err(NotANetwork(wrong.to_owned())));
        }
    }
}
