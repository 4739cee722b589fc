//! Date letters: the signs of a form such as `D, d M Y h:i A`, written and read. Other signs stand for themselves, and
//! a `\` makes the next sign stand for itself.

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use std::fmt::Write;

/// What the letter `c` stands for.
const ISO: &str = r"Y-m-d\TH:i:sP";
/// What the letter `r` stands for.
const MAIL: &str = "D, d M Y H:i:s O";

/// How a database writes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    Date,
    Time,
    TimeWithZone,
    DateTime,
    DateTimeWithZone,
}

/// A point in time as far as a text tells it. A time alone is on the first day of 1970, a date alone at midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    at: NaiveDateTime,
    zone: Option<FixedOffset>,
}

impl Moment {
    /// Reads `2024-02-29`, `13:14:15.5+02`, `2024-02-29 13:14:15`, with a `T` in the middle or a `Z` at the end too.
    pub(super) fn from_native(text: &str) -> Option<Moment> {
        let (date, time) = match text.split_once([' ', 'T']) {
            Some((date, time)) => (date, time),
            None if text.get(4..5) == Some("-") => (text, "00:00:00"),
            None => ("1970-01-01", text),
        };
        let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
        let clock = time.find(['+', '-', 'Z']).unwrap_or(time.len());
        let (time, zone) = time.split_at(clock);
        let time = NaiveTime::parse_from_str(time, "%H:%M:%S%.f")
            .or_else(|_| NaiveTime::parse_from_str(time, "%H:%M"));
        let zone = if zone.is_empty() {
            None
        } else {
            Some(Rest(zone).zone()?)
        };
        Some(Moment {
            at: date.and_time(time.ok()?),
            zone,
        })
    }

    /// As a database reads it. A zone is told only to what keeps one.
    pub(super) fn native(&self, written: Written) -> String {
        let zone = match (written, self.zone) {
            (Written::TimeWithZone | Written::DateTimeWithZone, Some(zone)) => zone.to_string(),
            _ => String::new(),
        };
        let form = match written {
            Written::Date => "%Y-%m-%d",
            Written::Time | Written::TimeWithZone => "%H:%M:%S%.f",
            Written::DateTime | Written::DateTimeWithZone => "%Y-%m-%d %H:%M:%S%.f",
        };
        format!("{}{zone}", self.at.format(form))
    }

    fn offset(&self) -> FixedOffset {
        self.zone.unwrap_or_else(utc)
    }

    fn seconds(&self) -> i64 {
        self.at.and_utc().timestamp() - i64::from(self.offset().local_minus_utc())
    }
}

fn utc() -> FixedOffset {
    FixedOffset::east_opt(0).expect("UTC is a zone")
}

/// Writes a moment in a form.
pub(super) fn show(form: &str, moment: &Moment) -> String {
    let mut out = String::with_capacity(form.len() + 16);
    let mut signs = form.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => out.extend(signs.next()),
            sign => letter(sign, moment, &mut out),
        }
    }
    out
}

fn letter(sign: char, moment: &Moment, out: &mut String) {
    let at = moment.at;
    let by = |form: &str, out: &mut String| put(out, format_args!("{}", at.format(form)));
    match sign {
        'd' => by("%d", out),
        'D' => by("%a", out),
        'j' => by("%-d", out),
        'l' => by("%A", out),
        'N' => by("%u", out),
        'w' => by("%w", out),
        'W' => by("%V", out),
        'F' => by("%B", out),
        'm' => by("%m", out),
        'M' => by("%b", out),
        'n' => by("%-m", out),
        'o' => by("%G", out),
        'Y' => by("%Y", out),
        'y' => by("%y", out),
        'a' => by("%P", out),
        'A' => by("%p", out),
        'g' => by("%-I", out),
        'G' => by("%-H", out),
        'h' => by("%I", out),
        'H' => by("%H", out),
        'i' => by("%M", out),
        's' => by("%S", out),
        'u' => put(out, format_args!("{:06}", at.nanosecond() / 1_000 % 1_000_000)),
        'v' => put(out, format_args!("{:03}", at.nanosecond() / 1_000_000 % 1_000)),
        'S' => out.push_str(ordinal(at.day())),
        'z' => put(out, format_args!("{}", at.ordinal0())),
        't' => put(out, format_args!("{}", days_in_month(at.date()))),
        'L' => out.push(if at.date().leap_year() { '1' } else { '0' }),
        'I' => out.push('0'),
        'U' => put(out, format_args!("{}", moment.seconds())),
        'e' | 'T' if moment.zone.is_none() => out.push_str("UTC"),
        'p' if moment.offset() == utc() => out.push('Z'),
        'e' | 'T' | 'P' | 'p' => put(out, format_args!("{}", moment.offset())),
        'O' => out.push_str(&moment.offset().to_string().replace(':', "")),
        'Z' => put(out, format_args!("{}", moment.offset().local_minus_utc())),
        'c' => out.push_str(&show(ISO, moment)),
        'r' => out.push_str(&show(MAIL, moment)),
        plain => out.push(plain),
    }
}

fn put(out: &mut String, what: std::fmt::Arguments<'_>) {
    out.write_fmt(what).expect("writing into memory does not fail");
}

fn ordinal(day: u32) -> &'static str {
    match day {
        1 | 21 | 31 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    }
}

fn days_in_month(date: NaiveDate) -> u32 {
    let days = (28..=31).rev().find(|day| date.with_day(*day).is_some());
    days.unwrap_or(28)
}

/// Reads text in a form; `None` when it is not in it. What the form does not tell is the first day of 1970, and
/// midnight.
pub(super) fn read(form: &str, text: &str) -> Option<Moment> {
    let mut parts = Parts::default();
    let mut rest = Rest(text);
    parts.read(form, &mut rest)?;
    rest.0.is_empty().then(|| parts.moment())?
}

#[derive(Default)]
struct Parts {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    day_of_year: Option<u32>,
    hour: Option<u32>,
    afternoon: Option<bool>,
    minute: Option<u32>,
    second: Option<u32>,
    micro: Option<u32>,
    zone: Option<FixedOffset>,
    seconds: Option<i64>,
}

impl Parts {
    fn read(&mut self, form: &str, rest: &mut Rest<'_>) -> Option<()> {
        let mut signs = form.chars();
        while let Some(sign) = signs.next() {
            match sign {
                '\\' => rest.sign(signs.next()?)?,
                'd' | 'j' => self.day = Some(rest.number(2)?),
                'm' | 'n' => self.month = Some(rest.number(2)?),
                'Y' | 'o' => self.year = Some(i32::try_from(rest.number(4)?).ok()?),
                'y' => self.year = Some(century(rest.number(2)?)),
                'z' => self.day_of_year = Some(rest.number(3)?),
                'H' | 'G' | 'h' | 'g' => self.hour = Some(rest.number(2)?),
                'i' => self.minute = Some(rest.number(2)?),
                's' => self.second = Some(rest.number(2)?),
                'u' => self.micro = Some(rest.fraction(6)?),
                'v' => self.micro = Some(rest.fraction(3)?),
                'F' | 'M' => self.month = Some(month(rest.word()?)?),
                'D' | 'l' | 'S' => drop(rest.word()?),
                'N' | 'w' => drop(rest.number(1)?),
                'a' | 'A' => self.afternoon = Some(afternoon(rest.word()?)?),
                'e' | 'T' | 'O' | 'P' | 'p' => self.zone = Some(rest.zone()?),
                'U' => self.seconds = Some(rest.seconds()?),
                'c' => self.read(ISO, rest)?,
                'r' => self.read(MAIL, rest)?,
                plain => rest.sign(plain)?,
            }
        }
        Some(())
    }

    fn moment(&self) -> Option<Moment> {
        if let Some(seconds) = self.seconds {
            let at = DateTime::from_timestamp(seconds, 0)?.naive_utc();
            return Some(Moment {
                at,
                zone: Some(utc()),
            });
        }
        let year = self.year.unwrap_or(1970);
        let date = match self.day_of_year {
            Some(days) => NaiveDate::from_ymd_opt(year, 1, 1)?.checked_add_days(Days::new(days.into()))?,
            None => NaiveDate::from_ymd_opt(year, self.month.unwrap_or(1), self.day.unwrap_or(1))?,
        };
        let hour = match (self.hour.unwrap_or(0), self.afternoon) {
            (hour, None) => hour,
            (hour, Some(_)) if hour > 12 => return None,
            (hour, Some(afternoon)) => hour % 12 + if afternoon { 12 } else { 0 },
        };
        let (minute, second) = (self.minute.unwrap_or(0), self.second.unwrap_or(0));
        Some(Moment {
            at: date.and_hms_micro_opt(hour, minute, second, self.micro.unwrap_or(0))?,
            zone: self.zone,
        })
    }
}

/// The year that two digits mean: 1970 to 2069.
fn century(digits: u32) -> i32 {
    let digits = i32::try_from(digits).unwrap_or(0);
    if digits < 70 { 2000 + digits } else { 1900 + digits }
}

fn month(name: &str) -> Option<u32> {
    let month: chrono::Month = name.parse().ok()?;
    Some(month.number_from_month())
}

fn afternoon(word: &str) -> Option<bool> {
    let is = |name: &str| word.eq_ignore_ascii_case(name);
    (is("am") || is("pm")).then(|| is("pm"))
}

/// What is left of a text that is being read.
struct Rest<'t>(&'t str);

impl<'t> Rest<'t> {
    fn take(&mut self, length: usize) -> Option<&'t str> {
        let (taken, left) = self.0.split_at_checked(length)?;
        self.0 = left;
        Some(taken)
    }

    fn sign(&mut self, sign: char) -> Option<()> {
        self.0 = self.0.strip_prefix(sign)?;
        Some(())
    }

    /// One digit at least, and so many at most.
    fn digits(&mut self, most: usize) -> Option<&'t str> {
        let length = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        (length > 0).then(|| self.take(length))?
    }

    fn number(&mut self, most: usize) -> Option<u32> {
        self.digits(most)?.parse().ok()
    }

    /// Digits of a fraction of a second, as microseconds.
    fn fraction(&mut self, most: usize) -> Option<u32> {
        format!("{:0<6}", self.digits(most)?).parse().ok()
    }

    fn seconds(&mut self) -> Option<i64> {
        let sign = if self.sign('-').is_some() { -1 } else { 1 };
        Some(sign * self.digits(12)?.parse::<i64>().ok()?)
    }

    fn word(&mut self) -> Option<&'t str> {
        let length = self.0.bytes().take_while(u8::is_ascii_alphabetic).count();
        (length > 0).then(|| self.take(length))?
    }

    /// `Z`, `UTC`, `+02`, `+0230`, `+02:30`.
    fn zone(&mut self) -> Option<FixedOffset> {
        if let Some(name) = self.word() {
            return ["z", "utc", "gmt"]
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known))
                .then(utc);
        }
        let sign = match self.take(1)? {
            "+" => 1,
            "-" => -1,
            _ => return None,
        };
        let hours = self.number(2)?;
        let colon = self.sign(':').is_some();
        let minutes = match self.number(2) {
            Some(minutes) => minutes,
            None if colon => return None,
            None => 0,
        };
        FixedOffset::east_opt(sign * i32::try_from(hours * 3600 + minutes * 60).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn moment(text: &str) -> Moment {
        Moment::from_native(text).unwrap_or_else(|| panic!("{text} is a moment"))
    }

    #[test]
    fn every_letter_is_written() {
        let at = moment("2024-02-09 03:04:05.0678+02:30");
        for (form, shown) in [
            ("d D j l N S w z W", "09 Fri 9 Friday 5 th 5 39 06"),
            ("F m M n t L o Y y", "February 02 Feb 2 29 1 2024 2024 24"),
            ("a A g G h H i s u v", "am AM 3 3 03 03 04 05 067800 067"),
            ("e O P p T Z I", "+02:30 +0230 +02:30 +02:30 +02:30 9000 0"),
            ("c", "2024-02-09T03:04:05+02:30"),
            ("r", "Fri, 09 Feb 2024 03:04:05 +0230"),
            ("U", "1707438845"),
            (r"\Y\\ /.", r"Y\ /."),
        ] {
            assert_eq!(show(form, &at), shown, "{form}");
        }
        assert_eq!(show("T P p", &moment("2024-02-09")), "UTC +00:00 Z");
    }

    #[test]
    fn what_was_written_is_read_back() {
        for (form, text) in [
            ("m/d/Y h:i:s A", "2024-02-29 13:14:15"),
            ("j. F y, G:i:s.u", "1999-12-31 00:00:00.000001"),
            ("l jS M Y g:i:s a", "2024-03-01 12:59:59"),
            ("c", "2024-02-29 13:14:15+02:30"),
            ("r", "2024-02-29 13:14:15-08:00"),
            ("Y z H:i:s", "2024-12-31 23:59:59"),
        ] {
            let at = moment(text);
            assert_eq!(read(form, &show(form, &at)), Some(at), "{form}");
        }
        assert_eq!(
            read("U", "0").map(|m| m.native(Written::DateTime)).as_deref(),
            Some("1970-01-01 00:00:00")
        );
    }

    #[test]
    fn what_is_not_in_the_form_is_not_read() {
        for (form, text) in [
            ("m/d/Y", "2024-02-29"),
            ("m/d/Y", "02/30/2024"),
            ("m/d/Y", "02/29/2024 x"),
            ("h:i A", "13:00 PM"),
            ("H:i", "24:00"),
            ("F", "Nomonth"),
            ("P", "+02:"),
        ] {
            assert_eq!(read(form, text), None, "{form} {text}");
        }
        for text in [
            "infinity",
            "0000-00-00",
            "-838:59:59",
            "0001-01-01 BC",
            "",
            "2024",
            "12345-01-01",
        ] {
            assert_eq!(Moment::from_native(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(form in any::<String>(), text in any::<String>()) {
            let _ = read(&form, &text);
            if let Some(moment) = Moment::from_native(&text) {
                show(&form, &moment);
            }
            show(&form, &moment("2024-02-29"));
        }
    }
}
