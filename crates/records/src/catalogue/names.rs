//! Labels for people, made from names.

/// A name as a label: underscores become blanks, words begin with a capital.
pub fn label(name: &str) -> String {
    let mut label = String::with_capacity(name.len());
    let mut start = true;
    for c in name.replace(['_', '.'], " ").chars() {
        if start && c != ' ' {
            label.extend(c.to_uppercase());
        } else {
            label.push(c);
        }
        start = c == ' ';
    }
    label
}

/// The English plural of a label, by the simple rules that the original uses.
pub fn plural(label: &str) -> String {
    const IRREGULAR: &[(&str, &str)] = &[("child", "ren"), ("ox", "en")];
    let lower = label.to_lowercase();
    let last = lower.rsplit(' ').next().unwrap_or_default();
    if let Some((_, ending)) = IRREGULAR.iter().find(|(word, _)| *word == last) {
        return format!("{label}{ending}");
    }
    let consonant_y = lower.ends_with('y')
        && !["ay", "ey", "iy", "oy", "uy"]
            .iter()
            .any(|vowel| lower.ends_with(vowel));
    if consonant_y {
        return format!("{}ies", &label[..label.len() - 1]);
    }
    if lower.ends_with("ss") || ["x", "z", "ch", "sh"].iter().any(|end| lower.ends_with(end)) {
        return format!("{label}es");
    }
    if lower.ends_with('s') {
        return label.to_owned();
    }
    format!("{label}s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_plurals() {
        assert_eq!(label("dept_emp"), "Dept Emp");
        assert_eq!(plural("Dept Emp"), "Dept Emps");
        assert_eq!(plural("Employee Summary"), "Employee Summaries");
        assert_eq!(plural("All Types"), "All Types");
        assert_eq!(plural("Box"), "Boxes");
        assert_eq!(plural("Gt Child"), "Gt Children");
    }
}
