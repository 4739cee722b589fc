//! Media types, as headers write them.

/// What a media type says without its parameters, in lower case: `text/html` of `Text/HTML; charset=utf-8`. Empty where
/// there is none.
pub fn essence(media: &str) -> String {
    let (essence, _) = media.split_once(';').unwrap_or((media, ""));
    essence.trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    #[test]
    fn parameters_and_case_do_not_count() {
        for (media, essence) in [
            ("Text/HTML; charset=utf-8", "text/html"),
            (" application/json ;a=b;c", "application/json"),
            ("text/csv", "text/csv"),
            ("; charset=utf-8", ""),
            ("", ""),
        ] {
            assert_eq!(super::essence(media), essence);
        }
    }
}
