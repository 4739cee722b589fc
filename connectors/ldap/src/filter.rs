//! Filters that clients send.

use contract::Problem;

/// Greatest length of a filter, in bytes.
const LONGEST: usize = 4096;
/// Greatest nesting of a filter.
const DEEPEST: usize = 20;

/// Attributes that hold secrets: they are neither shown nor compared.
pub(crate) const SECRETS: [&str; 9] = [
    "userpassword",
    "unicodepwd",
    "dbcspwd",
    "lmpwdhistory",
    "ntpwdhistory",
    "supplementalcredentials",
    "ms-mcs-admpwd",
    "mslaps-password",
    "mslaps-encryptedpassword",
];

/// Checks that this is one filter, whole and in parentheses, that can be put beside others: 400 otherwise, and when it
/// compares a secret.
pub(crate) fn check(filter: &str) -> Result<(), Problem> {
    let filter = filter.trim();
    let wrong = || {
        Problem::bad_request(
            "The parameter 'filter' must be one complete LDAP filter in parentheses, such as (sn=Doe).",
        )
    };
    // Before it is parsed: a parser follows every parenthesis.
    if filter.len() > LONGEST || depth(filter).is_none_or(|depth| depth > DEEPEST) || !filter.starts_with('(')
    {
        return Err(wrong());
    }
    if ldap3::parse_filter(filter).is_err() {
        return Err(wrong());
    }
    let lower = filter.to_lowercase();
    let by_number = lower
        .split('(')
        .any(|part| part.trim_start().starts_with(|c: char| c.is_ascii_digit()))
        || lower.contains("oid.");
    if by_number || SECRETS.iter().any(|secret| lower.contains(secret)) {
        return Err(Problem::bad_request(
            "The parameter 'filter' may not compare this attribute.",
        ));
    }
    Ok(())
}

/// How deep parentheses are nested; `None` when they do not end together, at the end.
fn depth(filter: &str) -> Option<usize> {
    let (mut now, mut most) = (0usize, 0usize);
    let last = filter.len().checked_sub(1)?;
    for (at, byte) in filter.bytes().enumerate() {
        match byte {
            b'(' => now += 1,
            b')' => now = now.checked_sub(1)?,
            _ => {}
        }
        most = most.max(now);
        if now == 0 && at != last {
            return None;
        }
    }
    (now == 0).then_some(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_whole_filter_is_taken() {
        for good in ["(sn=Doe)", "(&(sn=Doe)(|(cn=a*)(!(cn=ab))))", " (sn=a\\28b) "] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "sn=Doe",
            "(sn=Doe",
            "(sn=a))(|(cn=*)",
            "(sn=a)(cn=b)",
            "(sn=a)x",
            "(userPassword={SSHA}*)",
            "(2.5.4.35=*)",
            "(&)(",
        ] {
            assert_eq!(check(bad).unwrap_err().status(), 400, "{bad}");
        }
        let deep = format!("{}(a=b){}", "(!".repeat(30), ")".repeat(30));
        assert_eq!(check(&deep).unwrap_err().status(), 400);
    }
}
