//! What a client already has, and which part of a file it wants.

use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

/// A name for a file's content, from its length and the time of its last change. Weak: within one tick of the clock a
/// file may change twice.
pub(crate) fn tag(length: u64, modified: Option<SystemTime>) -> Option<String> {
    let since = modified?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("W/\"{length:x}-{:x}\"", since.as_nanos()))
}

/// Whether a client has this content already: `If-None-Match` decides, and without it `If-Modified-Since`.
pub(crate) fn is_known(
    none_match: Option<&str>,
    modified_since: Option<&str>,
    tag: Option<&str>,
    modified: Option<SystemTime>,
) -> bool {
    if let Some(known) = none_match {
        let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let tag = tag.map(bare);
        return known.trim() == "*" || known.split(',').any(|one| Some(bare(one)) == tag);
    }
    let since = modified_since.and_then(|text| httpdate::parse_http_date(text).ok());
    match (since, modified) {
        (Some(since), Some(modified)) => seconds(modified) <= seconds(since),
        _ => false,
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The part of a file that a client wants.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it: nothing else was asked for, or what was asked for makes no sense or is several parts.
    Whole,
    /// Some bytes.
    Some(Range<u64>),
    /// Bytes that the file does not have.
    Beyond,
}

/// Reads `Range`. `If-Range` must be the very date that the file was told to have, or the whole file is given.
pub(crate) fn part(range: Option<&str>, if_range: Option<&str>, date: Option<&str>, length: u64) -> Part {
    let Some(range) = range.filter(|_| if_range.is_none_or(|known| Some(known.trim()) == date)) else {
        return Part::Whole;
    };
    let Some((first, last)) = range
        .trim()
        .strip_prefix("bytes=")
        .and_then(|r| r.split_once('-'))
    else {
        return Part::Whole;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let (start, end) = match (number(first), number(last)) {
        (Some(start), Some(last)) if last >= start => (start, last.saturating_add(1).min(length)),
        (Some(start), None) if last.trim().is_empty() => (start, length),
        (None, Some(count)) if first.trim().is_empty() => (length.saturating_sub(count), length),
        _ => return Part::Whole,
    };
    match start < end {
        true => Part::Some(start..end),
        false => Part::Beyond,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn parts_of_ten_bytes() {
        let of = |text| part(Some(text), None, None, 10);
        assert_eq!(of("bytes=0-3"), Part::Some(0..4));
        assert_eq!(of("bytes=8-99"), Part::Some(8..10));
        assert_eq!(of("bytes=3-"), Part::Some(3..10));
        assert_eq!(of("bytes=-4"), Part::Some(6..10));
        assert_eq!(of("bytes=-40"), Part::Some(0..10));
        for beyond in ["bytes=10-", "bytes=-0", "bytes=11-12"] {
            assert_eq!(of(beyond), Part::Beyond, "{beyond}");
        }
        for whole in [
            "bytes=3-2",
            "bytes=0-1,3-4",
            "lines=1-2",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
        ] {
            assert_eq!(of(whole), Part::Whole, "{whole}");
        }
        assert_eq!(part(None, None, None, 10), Part::Whole);
        assert_eq!(part(Some("bytes=0-3"), Some("old"), Some("new"), 10), Part::Whole);
        assert_eq!(
            part(Some("bytes=0-3"), Some("new"), Some("new"), 10),
            Part::Some(0..4)
        );
        assert_eq!(part(Some("bytes=0-"), None, None, 0), Part::Beyond);
    }

    #[test]
    fn what_is_known_is_not_sent_again() {
        let time = UNIX_EPOCH + Duration::from_millis(1_000_500);
        let tag = tag(5, Some(time)).unwrap();
        let date = httpdate::fmt_http_date(time);
        let known = |none: Option<&str>, since: Option<&str>| is_known(none, since, Some(&tag), Some(time));
        assert!(known(Some(&format!("\"x\", {tag}")), None) && known(Some("*"), None));
        assert!(known(None, Some(&date)));
        assert!(!known(Some("\"x\""), Some(&date)), "a tag decides over a date");
        assert!(!known(None, Some("Thu, 01 Jan 1970 00:00:01 GMT")) && !known(None, Some("soon")));
        assert!(!known(None, None));
    }
}
