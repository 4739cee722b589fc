//! How deep a JSON text nests, without parsing it.

/// Whether brackets and braces outside of strings nest deeper than `most`. Text that is not JSON gives any answer.
pub(super) fn exceeds(json: &[u8], most: u64) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_u64, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                if depth > most {
                    return true;
                }
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::exceeds;

    #[test]
    fn only_brackets_outside_strings_count() {
        assert!(!exceeds(br#"[[1],{"a":"[[[[\"[["}]"#, 2));
        assert!(exceeds(br#"[[["#, 2));
        assert!(!exceeds(br#"[][][]{}"#, 1));
    }
}
