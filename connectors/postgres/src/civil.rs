//! Dates and times in the server's binary form (counted from 2000-01-01) as ISO text.

use driver::padded;

const DAY: i64 = 86_400_000_000;

/// Days as a date. The ends of the range are `infinity`; years before 1 end in ` BC`.
pub(crate) fn date(days: i32, out: &mut String) {
    match days {
        i32::MAX => out.push_str("infinity"),
        i32::MIN => out.push_str("-infinity"),
        _ => {
            let before = day(days.into(), out);
            out.push_str(if before { " BC" } else { "" });
        }
    }
}

/// Microseconds of a day as a time; zeros at the end of the fraction are left out.
pub(crate) fn time(micros: i64, out: &mut String) {
    let micros = micros.unsigned_abs();
    let seconds = micros / 1_000_000;
    padded(seconds / 3600, 2, out);
    out.push(':');
    padded(seconds / 60 % 60, 2, out);
    out.push(':');
    padded(seconds % 60, 2, out);
    let fraction = micros % 1_000_000;
    if fraction > 0 {
        out.push('.');
        padded(fraction, 6, out);
        out.truncate(out.trim_end_matches('0').len());
    }
}

/// Seconds west of Greenwich as an offset: `+02`, `-03:30`.
pub(crate) fn zone(west: i32, out: &mut String) {
    out.push(if west > 0 { '-' } else { '+' });
    let seconds = u64::from(west.unsigned_abs());
    padded(seconds / 3600, 2, out);
    if !seconds.is_multiple_of(3600) {
        out.push(':');
        padded(seconds / 60 % 60, 2, out);
    }
    if !seconds.is_multiple_of(60) {
        out.push(':');
        padded(seconds % 60, 2, out);
    }
}

/// Microseconds as date and time, followed by `zone`.
pub(crate) fn timestamp(micros: i64, zone: &str, out: &mut String) {
    match micros {
        i64::MAX => out.push_str("infinity"),
        i64::MIN => out.push_str("-infinity"),
        _ => {
            let before = day(micros.div_euclid(DAY), out);
            out.push(' ');
            time(micros.rem_euclid(DAY), out);
            out.push_str(zone);
            out.push_str(if before { " BC" } else { "" });
        }
    }
}

/// Writes the date and says whether it lies before the year 1.
fn day(days: i64, out: &mut String) -> bool {
    // The algorithm counts from 0000-03-01, so that the leap day is the last of its year, in eras of 400 years.
    let days = days + 730_425;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let before = year < 1;
    let shown = if before { 1 - year } else { year };
    padded(shown.unsigned_abs(), 4, out);
    out.push('-');
    padded(month.unsigned_abs(), 2, out);
    out.push('-');
    padded(day.unsigned_abs(), 2, out);
    before
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut String)) -> String {
        let mut out = String::new();
        write(&mut out);
        out
    }

    #[test]
    fn dates() {
        for (days, expected) in [
            (0, "2000-01-01"),
            (-1, "1999-12-31"),
            (59, "2000-02-29"),
            (8825, "2024-02-29"),
            (-730_119, "0001-01-01"),
            (-730_120, "0001-12-31 BC"),
            (-2_451_507, "4713-01-01 BC"),
            (2_145_031_948, "5874897-12-31"),
            (i32::MAX, "infinity"),
        ] {
            assert_eq!(text(|out| date(days, out)), expected);
        }
    }

    #[test]
    fn times() {
        assert_eq!(text(|out| time(47_655_000_000, out)), "13:14:15");
        assert_eq!(text(|out| time(86_399_500_000, out)), "23:59:59.5");
        assert_eq!(text(|out| time(86_400_000_000, out)), "24:00:00");
        assert_eq!(text(|out| time(1, out)), "00:00:00.000001");
        assert_eq!(text(|out| zone(-7200, out)), "+02");
        assert_eq!(text(|out| zone(12_600, out)), "-03:30");
        assert_eq!(text(|out| zone(0, out)), "+00");
        assert_eq!(
            text(|out| timestamp(-1, "+00", out)),
            "1999-12-31 23:59:59.999999+00"
        );
        assert_eq!(text(|out| timestamp(i64::MIN, "", out)), "-infinity");
    }
}
