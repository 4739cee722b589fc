//! What holds for every text and every tree.

use super::*;
use proptest::prelude::*;

/// Texts made of what the language is made of: most of what random signs never reach.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "(",
        ")",
        "'",
        "\"",
        ",",
        " ",
        "=",
        "<",
        ">=",
        " and ",
        "OR",
        " xor ",
        "NOR",
        "NOT ",
        "&&",
        "||",
        " in ",
        " between ",
        " is null",
        " not",
        " like ",
        " contains ",
        " starts with ",
        "a",
        "b1",
        ":p",
        "NOW()",
        " - INTERVAL 1 DAY",
        "ü",
        "\u{a0}",
        "\\",
        "%",
        "5",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|parts| parts.concat())
}

fn texts() -> impl Strategy<Value = Operand> {
    // The last letter keeps them from being words of the language.
    let bare = "[a-z0-9_.%ü-]{1,6}z( [a-z0-9ü]{1,4}z)?";
    let quoted = "[a-z0-9 ,()=<>%ü:']{0,10}";
    prop_oneof![
        bare.prop_map(|text| Operand::Text { text, quoted: false }),
        quoted.prop_map(|text| Operand::Text { text, quoted: true }),
        "[a-z]{1,4}".prop_map(|name| Operand::Param(format!(":{name}"))),
        (any::<bool>(), prop::option::of(any::<i64>())).prop_map(|(date_only, count)| {
            Operand::Moment(Moment {
                date_only,
                offset: count.map(|count| (count, sql::TimeUnit::Hour)),
            })
        }),
    ]
}

fn trees() -> impl Strategy<Value = Filter> {
    let field = || "[a-z_]{1,5}q".prop_map(|text| FieldRef { text, at: 0 });
    let op = prop::sample::select(vec![
        Comparison::Eq,
        Comparison::Ne,
        Comparison::Lt,
        Comparison::Le,
        Comparison::Gt,
        Comparison::Ge,
        Comparison::Like,
        Comparison::ILike,
    ]);
    let leaf = prop_oneof![
        (field(), op, texts(), any::<bool>()).prop_map(|(field, op, value, negated)| Filter::Compare {
            field,
            op,
            value,
            negated
        }),
        (field(), prop::collection::vec(texts(), 1..4), any::<bool>()).prop_map(
            |(field, values, negated)| Filter::In {
                field,
                values,
                negated
            }
        ),
        (field(), any::<bool>()).prop_map(|(field, negated)| Filter::Null { field, negated }),
        (field(), texts(), texts(), any::<bool>()).prop_map(|(field, low, high, negated)| Filter::Between {
            field,
            low,
            high,
            negated
        }),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::Or),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Filter::Xor(Box::new(a), Box::new(b))),
            inner.prop_map(|a| Filter::Not(Box::new(a))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn no_bytes_panic(bytes in any::<Vec<u8>>()) {
        let _ = parse(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn what_is_read_is_printed_and_read_the_same(text in pieces()) {
        if let Ok(Some(filter)) = parse(&text) {
            let printed = filter.to_string();
            prop_assert_eq!(parse(&printed), Ok(Some(filter)), "{}", printed);
        }
    }

    #[test]
    fn what_is_printed_is_read_the_same(filter in trees()) {
        let printed = filter.to_string();
        prop_assert_eq!(parse(&printed), Ok(Some(filter)), "{}", printed);
    }
}
