//! Patterns: `%` any text, `_` any sign, `\` makes the next sign plain. Case counts.

enum Part {
    Any,
    One,
    Plain(char),
}

/// Whether the whole text matches the pattern. A `\` at the end stands for itself.
pub(crate) fn matches(text: &str, pattern: &str) -> bool {
    let mut parts = Vec::new();
    let mut signs = pattern.chars();
    while let Some(sign) = signs.next() {
        parts.push(match sign {
            '%' => Part::Any,
            '_' => Part::One,
            '\\' => Part::Plain(signs.next().unwrap_or('\\')),
            plain => Part::Plain(plain),
        });
    }
    let text: Vec<char> = text.chars().collect();
    let (mut t, mut p) = (0, 0);
    // Where to go on when what follows the last `%` does not fit: it takes one more sign.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let fits = match parts.get(p) {
            Some(Part::Any) => {
                retry = Some((p + 1, t));
                p += 1;
                continue;
            }
            Some(Part::One) => t < text.len(),
            Some(Part::Plain(sign)) => text.get(t) == Some(sign),
            None if t == text.len() => return true,
            None => false,
        };
        if fits {
            (t, p) = (t + 1, p + 1);
        } else if let Some((after, taken)) = retry.filter(|(_, taken)| *taken < text.len()) {
            retry = Some((after, taken + 1));
            (t, p) = (taken + 1, after);
        } else {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match() {
        for (text, pattern, expected) in [
            ("", "", true),
            ("", "%", true),
            ("", "_", false),
            ("Bolt", "B%", true),
            ("Bolt", "b%", false),
            ("Bolt", "%l_", true),
            ("Bolt", "B_t", false),
            ("Bolt", "Bol", false),
            ("abcabd", "%ab_", true),
            ("100%", r"100\%", true),
            ("1000", r"100\%", false),
            ("a_b", r"a\_b", true),
            ("axb", r"a\_b", false),
            (r"a\b", r"a\\b", true),
            (r"a\", r"a\", true),
            ("日本茶", "日_茶", true),
            ("aaaa", "%a%a%a%a%a", false),
        ] {
            assert_eq!(matches(text, pattern), expected, "{text} {pattern}");
        }
    }
}
