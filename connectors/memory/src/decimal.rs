//! Exact decimals.

use std::cmp::Ordering;

/// `units / 10^scale`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decimal {
    units: i128,
    scale: u32,
}

impl Decimal {
    /// A whole number.
    pub(crate) fn whole(units: i128) -> Decimal {
        Decimal { units, scale: 0 }
    }

    /// Reads digits such as `-12.50`; `None` for anything else and for what needs more than 38 digits.
    pub(crate) fn parse(text: &str) -> Option<Decimal> {
        let text = text.trim();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = whole.trim_start_matches(['+', '-']);
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.len() - digits.len() > 1
            || digits.len() + fraction.len() == 0
            || !plain(digits)
            || !plain(fraction)
        {
            return None;
        }
        let units: i128 = format!("0{digits}{fraction}").parse().ok()?;
        let scale = u32::try_from(fraction.len()).ok()?;
        Some(Decimal {
            units: if whole.starts_with('-') { -units } else { units },
            scale,
        })
    }

    /// Both with the greater scale; `None` when that needs too many digits.
    fn aligned(self, other: Decimal) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let grown = |d: Decimal| d.units.checked_mul(10i128.checked_pow(scale - d.scale)?);
        Some((grown(self)?, grown(other)?, scale))
    }

    /// Which is greater.
    pub(crate) fn compare(self, other: Decimal) -> Ordering {
        match self.aligned(other) {
            Some((a, b, _)) => a.cmp(&b),
            None => self.to_f64().total_cmp(&other.to_f64()),
        }
    }

    /// The sum; `None` when it needs too many digits.
    pub(crate) fn plus(self, other: Decimal) -> Option<Decimal> {
        let (a, b, scale) = self.aligned(other)?;
        Some(Decimal {
            units: a.checked_add(b)?,
            scale,
        })
    }

    /// Rounded to a number of places, halves away from zero.
    pub(crate) fn rounded(self, scale: u32) -> Option<Decimal> {
        if scale >= self.scale {
            let (units, _, scale) = self.aligned(Decimal { units: 0, scale })?;
            return Some(Decimal { units, scale });
        }
        let unit = 10i128.checked_pow(self.scale - scale)?;
        let half = unit / 2 * self.units.signum();
        Some(Decimal {
            units: self.units.checked_add(half)? / unit,
            scale,
        })
    }

    /// The number of digits before the point.
    pub(crate) fn whole_digits(self) -> usize {
        let whole = 10i128.checked_pow(self.scale).map_or(0, |unit| self.units / unit);
        if whole == 0 {
            0
        } else {
            whole.unsigned_abs().to_string().len()
        }
    }

    /// The nearest floating-point number.
    pub(crate) fn to_f64(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The number itself, when it is whole and fits.
    pub(crate) fn to_i64(self) -> Option<i64> {
        let unit = 10i128.checked_pow(self.scale)?;
        if self.units % unit != 0 {
            return None;
        }
        i64::try_from(self.units / unit).ok()
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let scale = self.scale as usize;
        let digits = format!("{:0>width$}", self.units.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        write!(f, "{sign}{whole}")?;
        if scale > 0 {
            write!(f, ".{fraction}")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept() {
        for (text, shown) in [
            ("12.50", "12.50"),
            ("-0.05", "-0.05"),
            (".5", "0.5"),
            ("+7", "7"),
            ("5.", "5"),
            ("007", "7"),
        ] {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), shown, "{text}");
        }
        for text in ["", ".", "-", "1e5", "--1", "1.2.3", "x", "1-"] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn decimals_are_reckoned_exactly() {
        let of = |text| Decimal::parse(text).unwrap();
        assert_eq!(of("0.1").plus(of("0.20")).unwrap().to_string(), "0.30");
        assert_eq!(of("1.10").compare(of("1.1")), Ordering::Equal);
        assert_eq!(of("-1.2").compare(of("-1.1")), Ordering::Less);
        for (text, scale, shown) in [
            ("1.005", 2, "1.01"),
            ("-1.005", 2, "-1.01"),
            ("1", 2, "1.00"),
            ("1.4", 0, "1"),
        ] {
            assert_eq!(of(text).rounded(scale).unwrap().to_string(), shown);
        }
        assert_eq!((of("123.4").whole_digits(), of("0.4").whole_digits()), (3, 0));
    }
}
