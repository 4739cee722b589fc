//! Digits of numbers, dates and times that a server sends as numbers.

/// Writes a number with zeros in front up to `width`, 20 at most. Without the formatter of the standard library, which
/// takes several times as long: rows of dates are made of this.
pub fn padded(mut number: u64, width: usize, out: &mut String) {
    match (width, number) {
        (2, 0..100) => {
            out.push(char::from(b'0' + (number / 10) as u8));
            return out.push(char::from(b'0' + (number % 10) as u8));
        }
        (4, 0..10_000) => {
            padded(number / 100, 2, out);
            return padded(number % 100, 2, out);
        }
        _ => {}
    }
    let mut digits = [b'0'; 20];
    let mut start = digits.len();
    while number > 0 {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    let start = start.min(digits.len() - width.min(digits.len()));
    out.push_str(std::str::from_utf8(&digits[start..]).expect("digits are ASCII"));
}

#[cfg(test)]
mod tests {
    use super::padded;

    #[test]
    fn zeros_stand_in_front() {
        for (number, width, expected) in [
            (0, 1, "0"),
            (0, 0, ""),
            (7, 2, "07"),
            (123, 2, "123"),
            (2024, 4, "2024"),
            (33, 4, "0033"),
            (12_345, 4, "12345"),
            (u64::MAX, 30, "18446744073709551615"),
        ] {
            let mut out = String::new();
            padded(number, width, &mut out);
            assert_eq!(out, expected);
        }
    }
}
