//! Looking at text byte by byte. All signs that matter are ASCII, so every offset found is a character boundary.

/// Whether the byte is a blank.
pub(crate) fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}

/// Whether the byte opens and closes a quoted value.
pub(crate) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'\'' | b'"')
}

/// The offset of the first byte from `at` on that is not a blank.
pub(crate) fn skip_blanks(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut i = at;
    while bytes.get(i).is_some_and(|b| is_blank(*b)) {
        i += 1;
    }
    i
}

/// The text without blanks at its ends. Only ASCII blanks count: a no-break space is data.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_ascii_whitespace())
}

/// Whether `word` stands at `at`, in any case. What follows is not looked at.
pub(crate) fn starts_with(text: &str, at: usize, word: &str) -> bool {
    text.as_bytes()
        .get(at..at + word.len())
        .is_some_and(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

/// Whether a word may end before `at`: there is the end, a blank, a quote or a parenthesis.
pub(crate) fn is_word_end(text: &str, at: usize) -> bool {
    text.as_bytes()
        .get(at)
        .is_none_or(|b| is_blank(*b) || is_quote(*b) || matches!(b, b'(' | b')'))
}

/// Whether a word may begin at `at`, by the same signs before it.
pub(crate) fn is_word_start(text: &str, at: usize) -> bool {
    at == 0 || is_word_end(text, at - 1)
}

/// The offset after the words, one or more blanks between them, when they stand at `at` in any case.
pub(crate) fn words(text: &str, at: usize, words: &[&str]) -> Option<usize> {
    let mut i = at;
    for (n, word) in words.iter().enumerate() {
        if n > 0 {
            let next = skip_blanks(text, i);
            if next == i {
                return None;
            }
            i = next;
        }
        if !starts_with(text, i, word) {
            return None;
        }
        i += word.len();
    }
    Some(i)
}
