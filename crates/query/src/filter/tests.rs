//! Examples of the reference (database.md §2.5, §2.6) and recorded filters.

use super::*;
use std::fmt::Write;

/// The tree in a short form that shows what the canonical text hides.
fn shape(filter: &Filter) -> String {
    let many = |parts: &[Filter], sign: &str| {
        let parts: Vec<String> = parts.iter().map(shape).collect();
        format!("[{}]", parts.join(sign))
    };
    let not = |negated: bool| if negated { "!" } else { "" };
    match filter {
        Filter::And(parts) => many(parts, " & "),
        Filter::Or(parts) => many(parts, " | "),
        Filter::Xor(left, right) => format!("[{} ^ {}]", shape(left), shape(right)),
        Filter::Not(inner) => format!("!{}", shape(inner)),
        Filter::Compare {
            field,
            op,
            value,
            negated,
        } => {
            format!("{}<{}> {op} {}", not(*negated), field.text, value_shape(value))
        }
        Filter::In {
            field,
            values,
            negated,
        } => {
            let values: Vec<String> = values.iter().map(value_shape).collect();
            format!("{}<{}> in {}", not(*negated), field.text, values.join(","))
        }
        Filter::Null { field, negated } => format!("{}<{}> null", not(*negated), field.text),
        Filter::Between {
            field,
            low,
            high,
            negated,
        } => {
            format!(
                "{}<{}> {}..{}",
                not(*negated),
                field.text,
                value_shape(low),
                value_shape(high)
            )
        }
    }
}

fn value_shape(value: &Operand) -> String {
    let mut out = String::new();
    match value {
        Operand::Text { text, quoted: false } => write!(out, "{text}"),
        Operand::Text { text, quoted: true } => write!(out, "«{text}»"),
        Operand::Param(name) => write!(out, "${name}"),
        Operand::Moment(moment) => write!(out, "{moment:?}"),
    }
    .unwrap();
    out
}

fn accepted(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let filter = parse(text)
            .unwrap_or_else(|e| panic!("{text:?}: {e} at {}", e.at))
            .unwrap();
        assert_eq!(shape(&filter), *expected, "{text:?}");
        let printed = filter.to_string();
        assert_eq!(
            parse(&printed),
            Ok(Some(filter)),
            "{text:?} printed as {printed:?}"
        );
    }
}

fn refused(cases: &[(&str, &str)]) {
    for (text, sentence) in cases {
        match parse(text) {
            Ok(filter) => panic!("{text:?} was accepted as {}", filter.unwrap()),
            Err(error) => assert!(error.message.starts_with(sentence), "{text:?}: {}", error.message),
        }
    }
}

#[test]
fn the_forty_examples() {
    accepted(&[
        ("name='Bob'", "<name> = «Bob»"),
        ("name = \"Bob\"", "<name> = «Bob»"),
        ("name=Bob Lee", "<name> = Bob Lee"),
        ("ID=5", "<ID> = 5"),
        ("age = '7'", "<age> = «7»"),
        ("age >= 18", "<age> >= 18"),
        ("age<>3", "<age> != 3"),
        ("age != 3", "<age> != 3"),
        ("age ne 3", "<age> != 3"),
        ("age gt 3", "<age> > 3"),
        ("age LT 5", "<age> < 5"),
        ("age gte 3", "<age> >= 3"),
        ("age lte 5", "<age> <= 5"),
        ("name eq Bob", "<name> = Bob"),
        ("active = true", "<active> = true"),
        ("active = no", "<active> = no"),
        ("(age > 18) AND (active = true)", "[<age> > 18 & <active> = true]"),
        ("(age>18)&&(active=1)", "[<age> > 18 & <active> = 1]"),
        ("(name='a') or (name='b')", "[<name> = «a» | <name> = «b»]"),
        ("(name='a')||(name='b')", "[<name> = «a» | <name> = «b»]"),
        (
            "(name='a') OR (name='b') AND (id=1)",
            "[<name> = «a» | [<name> = «b» & <id> = 1]]",
        ),
        (
            "((name='a') OR (name='b')) AND (id=1)",
            "[[<name> = «a» | <name> = «b»] & <id> = 1]",
        ),
        (
            "((id=1) AND (age=2)) OR ((id=3) AND (age=4))",
            "[[<id> = 1 & <age> = 2] | [<id> = 3 & <age> = 4]]",
        ),
        ("NOT (name='a')", "!<name> = «a»"),
        ("not(name='a')", "!<name> = «a»"),
        ("NOT ((id=1) AND (age=2))", "![<id> = 1 & <age> = 2]"),
        ("NOT(id=1) AND (age=2)", "[!<id> = 1 & <age> = 2]"),
        ("name like 'J%'", "<name> LIKE «J%»"),
        ("name not like 'J%'", "!<name> LIKE «J%»"),
        ("name like '%(x)%'", "<name> LIKE «%(x)%»"),
        ("name contains bob", "<name> CONTAINS bob"),
        ("name starts with bo", "<name> STARTS WITH bo"),
        ("name ends with ob", "<name> ENDS WITH ob"),
        ("name not contains bob", "!<name> CONTAINS bob"),
        ("id in (1,2,3)", "<id> in 1,2,3"),
        ("id not in (1,2)", "!<id> in 1,2"),
        ("id NOT IN(1,2)", "!<id> in 1,2"),
        ("name in (:n,bob,\"al\")", "<name> in $:n,bob,«al»"),
        ("name is null", "<name> null"),
        ("(name IS NOT NULL) or (age < 5)", "[!<name> null | <age> < 5]"),
        ("name = ''", "<name> = «»"),
        ("(name = :n) AND (age > :a)", "[<name> = $:n & <age> > $:a]"),
        ("name = 'foo (bar)'", "<name> = «foo (bar)»"),
        ("price > 3.14159265", "<price> > 3.14159265"),
        (
            "created > (NOW() - INTERVAL 1 DAY)",
            "<created> > Moment { date_only: false, offset: Some((-1, Day)) }",
        ),
        ("(id>=1) AND (id<=5)", "[<id> >= 1 & <id> <= 5]"),
        ("user_id = {user.id}", "<user_id> = {user.id}"),
    ]);
}

#[test]
fn what_the_original_misreads() {
    accepted(&[
        ("foo = 1", "<foo> = 1"),
        ("1=1", "<1> = 1"),
        ("orders.total > 5", "<orders.total> > 5"),
        ("age = abc", "<age> = abc"),
        ("id between 1 and 5", "<id> 1..5"),
        ("id in(1,2)", "<id> in 1,2"),
        ("name is  null", "<name> null"),
        ("(id=1)AND (age=2)", "[<id> = 1 & <age> = 2]"),
        ("(id=1)  AND  (age=2)", "[<id> = 1 & <age> = 2]"),
        ("(id=1) AND NOT (age=2)", "[<id> = 1 & !<age> = 2]"),
        ("name like '%a=b%'", "<name> LIKE «%a=b%»"),
        ("name like 'x in y'", "<name> LIKE «x in y»"),
        ("name = 'a>=b'", "<name> = «a>=b»"),
        ("name = 'x) AND (y'", "<name> = «x) AND (y»"),
        ("name in ('a','b,c')", "<name> in «a»,«b,c»"),
    ]);
    refused(&[
        ("id in 1,2", "Filter value lists must be wrapped in parentheses."),
        ("name in ()", "Filter value lists must be wrapped in parentheses."),
        (
            "age > 18 AND active = true",
            "Invalid or unparsable filter request. With several",
        ),
        (
            "name = 'x' AND age > 3",
            "Invalid or unparsable filter request. With several",
        ),
        (
            "name='x' OR 1=1",
            "Invalid or unparsable filter request. With several",
        ),
    ]);
}

#[test]
fn recorded_filters() {
    accepted(&[
        ("name = 'Chain ''heavy'''", "<name> = «Chain ''heavy''»"),
        (r"name = 'Chain \'heavy\''", r"<name> = «Chain \'heavy\'»"),
        ("name = 'Drill \"XL\"'", "<name> = «Drill \"XL\"»"),
        ("name = '日本茶'", "<name> = «日本茶»"),
        ("quantity > -1", "<quantity> > -1"),
        ("quantity = +5", "<quantity> = +5"),
        (
            "created = '2024-01-02T03:04:05'",
            "<created> = «2024-01-02T03:04:05»",
        ),
        ("id IN ( 1 , 3 )", "<id> in 1,3"),
        ("name contains \"mm\"", "<name> CONTAINS «mm»"),
        ("name contains '100%'", "<name> CONTAINS «100%»"),
        ("name starts with \"An\"", "<name> STARTS WITH «An»"),
        ("name contains 'like this'", "<name> CONTAINS «like this»"),
        ("(quantity > 5)and(price < 10)", "[<quantity> > 5 & <price> < 10]"),
        (
            "(id > 1) AND (id < 9) AND (q > 30)",
            "[<id> > 1 & <id> < 9 & <q> > 30]",
        ),
        ("(((id = 1)) OR ((id = 2)))", "[<id> = 1 | <id> = 2]"),
        ("(id = 1) XOR (quantity > 1000)", "[<id> = 1 ^ <quantity> > 1000]"),
        ("(id between (2,4))", "<id> 2..4"),
        ("id = 1; drop table supplies", "<id> = 1; drop table supplies"),
        ("id = quantity", "<id> = quantity"),
        (
            "created < (NOW())",
            "<created> < Moment { date_only: false, offset: None }",
        ),
        ("name = 'made in china'", "<name> = «made in china»"),
        (
            "c_bigint = 9223372036854775807",
            "<c_bigint> = 9223372036854775807",
        ),
        ("c_time = '13:14:15'", "<c_time> = «13:14:15»"),
        ("count(*) > 45", "<count(*)> > 45"),
        ("dept_no=\"x\"", "<dept_no> = «x»"),
    ]);
    refused(&[
        ("id in ()", "Filter value lists must be wrapped in parentheses."),
        (
            "quantity > 5 AND price < 10",
            "Invalid or unparsable filter request.",
        ),
        ("id = 1 or 1=1", "Invalid or unparsable filter request."),
        ("id = 1)", "Invalid or unparsable filter request."),
    ]);
    assert_eq!(parse(""), Ok(None));
    assert_eq!(parse(" \t\n"), Ok(None));
}

#[test]
fn quotes_close_where_a_value_may_end() {
    accepted(&[
        ("name = 'O'Brien'", "<name> = «O'Brien»"),
        (
            "(name = 'O'Brien') AND (id = 1)",
            "[<name> = «O'Brien» & <id> = 1]",
        ),
        ("(name = O'Brien) AND (x = 'y')", "[<name> = O'Brien & <x> = «y»]"),
        ("name = '''", "<name> = «'»"),
        ("name = 'it's \"so\"'", "<name> = «it's \"so\"»"),
        ("name in ('O'Brien', 'a)b', x)", "<name> in «O'Brien»,«a)b»,x"),
        ("name in ('rock' and 'roll')", "<name> in «rock' and 'roll»"),
        ("name = Tom and Jerry", "<name> = Tom and Jerry"),
        (
            "(name = Tom and Jerry) or (id = 1)",
            "[<name> = Tom and Jerry | <id> = 1]",
        ),
        ("name = sand = oar", "<name> = sand = oar"),
        ("link = http://h/?a=1&b=2", "<link> = http://h/?a=1&b=2"),
        ("name = foo (bar)", "<name> = foo (bar)"),
        ("phone = (030) 123", "<phone> = (030) 123"),
        ("name = 'Bolt", "<name> = 'Bolt"),
        ("name = 'x'; drop", "<name> = 'x'; drop"),
        ("name = \"a') OR ('b\"", "<name> = «a') OR ('b»"),
        ("x = '='", "<x> = «=»"),
    ]);
    refused(&[
        (
            "(name = 'Bolt) OR (id = 1)",
            "Invalid or unparsable filter request. A quoted",
        ),
        (
            "name in ('a, b)",
            "Invalid or unparsable filter request. A quoted",
        ),
        (
            "name = 'a' and 'b'",
            "Invalid or unparsable filter request. With several",
        ),
        ("name = 'x') OR (id > 0", "Invalid or unparsable filter request."),
        ("(name = 'x') b')", "Invalid or unparsable filter request."),
        (
            "name = x' or '1'='1",
            "Invalid or unparsable filter request. With several",
        ),
        (
            "name = x OR(1=1)",
            "Invalid or unparsable filter request. With several",
        ),
        (
            "name = x || y is null",
            "Invalid or unparsable filter request. With several",
        ),
        (
            "name = x and id in (1)",
            "Invalid or unparsable filter request. With several",
        ),
        (
            "name = foo (bar",
            "Invalid or unparsable filter request. A parenthesis",
        ),
    ]);
}

#[test]
fn words_between_conditions() {
    accepted(&[
        ("(a=1) NOR (b=2)", "![<a> = 1 | <b> = 2]"),
        ("(a=1) NOR (b=2) NOR (c=3)", "![![<a> = 1 | <b> = 2] | <c> = 3]"),
        (
            "(a=1) OR (b=2) XOR (c=3) AND (d=4)",
            "[<a> = 1 | [<b> = 2 ^ [<c> = 3 & <d> = 4]]]",
        ),
        ("(a=1) XOR (b=2) XOR (c=3)", "[[<a> = 1 ^ <b> = 2] ^ <c> = 3]"),
        ("((a=1) AND (b=2)) AND (c=3)", "[[<a> = 1 & <b> = 2] & <c> = 3]"),
        ("NOT NOT (a=1)", "!!<a> = 1"),
        ("NOT  (a=1) && NOT(b=2)", "[!<a> = 1 & !<b> = 2]"),
        ("notes = 1", "<notes> = 1"),
        ("nOt (notes = 1)", "!<notes> = 1"),
    ]);
    refused(&[
        (
            "(a=1) AND b=2",
            "Invalid or unparsable filter request. With several",
        ),
        (
            "id in (1,2) AND (b=2)",
            "Invalid or unparsable filter request. With several",
        ),
        (
            "a is null OR (b=2)",
            "Invalid or unparsable filter request. With several",
        ),
        ("(a=1) (b=2)", "Invalid or unparsable filter request."),
        ("(a=1) AND", "Invalid or unparsable filter request."),
        ("AND (a=1)", "Invalid or unparsable filter request."),
        ("(a=1) AND ()", "Invalid or unparsable filter request."),
        ("()", "Invalid or unparsable filter request."),
        ("((a=1)", "Invalid or unparsable filter request."),
        ("(a=1))", "Invalid or unparsable filter request."),
        ("a", "Invalid or unparsable filter request."),
        ("= 5", "Invalid or unparsable field in filter request: ''"),
    ]);
}

#[test]
fn values_and_operators() {
    accepted(&[
        ("unit price >= 5", "<unit price> >= 5"),
        ("name   starts   with   bo", "<name> STARTS WITH bo"),
        ("name  not  like  'J%'", "!<name> LIKE «J%»"),
        ("name like'J%'", "<name> LIKE «J%»"),
        ("a not = 5", "!<a> = 5"),
        ("a not between 1 and 2", "!<a> 1..2"),
        ("a between '1' and '2'", "<a> «1»..«2»"),
        ("a between ('1, 2', 3)", "<a> «1, 2»..3"),
        ("a between 'O'Brien' and :p", "<a> «O'Brien»..$:p"),
        (
            "a between (NOW()) and (CURRENT_DATE)",
            "<a> Moment { date_only: false, offset: None }..Moment { date_only: true, offset: None }",
        ),
        ("name contains (x)", "<name> CONTAINS (x)"),
        ("name = null", "<name> = null"),
        ("name =", "<name> = "),
        ("name = :n m", "<name> = :n m"),
        ("name = ':n'", "<name> = «:n»"),
        ("SUM(salary) > 10", "<SUM(salary)> > 10"),
        ("inner in (1)", "<inner> in 1"),
        ("made in = Bonn", "<made in> = Bonn"),
        ("a = 5", "<a> = 5"),
    ]);
    refused(&[
        ("name contains", "Invalid or unparsable filter request."),
        ("(name contains )", "Invalid or unparsable filter request."),
        ("a between 1", "Invalid or unparsable filter request. BETWEEN"),
        ("a between 1 and", "Invalid or unparsable filter request. BETWEEN"),
        (
            "a between 1 and 2 and b = 3",
            "Invalid or unparsable filter request. With several",
        ),
        (
            "a between x and y and z",
            "Invalid or unparsable filter request. With several",
        ),
        ("a between (1,2) and (b = 3)", "SQL expressions are not accepted"),
        ("id = (select 1)", "SQL expressions are not accepted"),
        ("id like (x)", "SQL expressions are not accepted"),
        ("id in (1,(sleep(5)))", "SQL expressions are not accepted"),
        ("id in (1,2", "Filter value lists must be wrapped in parentheses."),
    ]);
}

#[test]
fn the_clock() {
    use sql::TimeUnit::{Day, Hour, Month, Second, Week, Year};
    for (text, date_only, offset) in [
        ("NOW()", false, None),
        (" now() ", false, None),
        ("CURRENT_TIMESTAMP", false, None),
        ("CURRENT_TIMESTAMP()", false, None),
        ("current_date", true, None),
        ("CURDATE() + INTERVAL 2 MONTHS", true, Some((2, Month))),
        ("NOW() - INTERVAL '1 day'", false, Some((-1, Day))),
        ("NOW() - INTERVAL '3' WEEK", false, Some((-3, Week))),
        ("NOW()-interval 10 second", false, Some((-10, Second))),
        ("NOW() + INTERVAL -4 HOUR", false, Some((-4, Hour))),
        (
            "NOW() + INTERVAL -9223372036854775808 YEAR",
            false,
            Some((i64::MIN, Year)),
        ),
    ] {
        let parsed = parse(&format!("t > ({text})")).unwrap().unwrap();
        let Filter::Compare {
            value: Operand::Moment(moment),
            ..
        } = &parsed
        else {
            panic!("{text}")
        };
        assert_eq!((moment.date_only, moment.offset), (date_only, offset), "{text}");
        assert_eq!(parse(&parsed.to_string()), Ok(Some(parsed)), "{text}");
    }
    for text in [
        "NOW",
        "NOW() - 1",
        "NOW() - INTERVAL 1",
        "NOW() - INTERVAL 1 FORTNIGHT",
        "NOW() - INTERVAL 1 DAY - INTERVAL 1 DAY",
        "NOW() - INTERVAL 1 DAY; drop",
        "NOW() - INTERVAL -9223372036854775808 DAY",
        "NOW() - INTERVAL 99999999999999999999 DAY",
        "NOW() - INTERVAL '1 day",
        "NOW(), 1",
        "SLEEP(5)",
        "",
    ] {
        refused(&[(&format!("t > ({text})"), "SQL expressions are not accepted")]);
    }
}

#[test]
fn errors_tell_the_place() {
    for (text, at) in [
        ("(a = 1) AND b = 2", 12),
        ("id in 1,2", 6),
        ("name = 'x' AND (b = 1)", 11),
    ] {
        assert_eq!(parse(text).unwrap_err().at, at, "{text}");
    }
}

#[test]
fn depth_and_length_are_bounded() {
    let nested = |n: usize| format!("{}a = 1{}", "(".repeat(n), ")".repeat(n));
    assert!(parse(&nested(MAX_NESTING)).is_ok());
    let chain = |word: &str, n: usize| vec!["(a = 1)"; n].join(word);
    assert!(parse(&chain("AND", 5000)).is_ok());
    for text in [
        nested(MAX_NESTING + 1),
        nested(30_000),
        "(".repeat(60_000),
        format!("{}(a = 1)", "NOT ".repeat(10_000)),
        chain("XOR", 5000),
        chain("NOR", 5000),
        format!("a = {}", "x".repeat(MAX_LENGTH)),
    ] {
        assert!(
            parse(&text)
                .unwrap_err()
                .message
                .starts_with("Invalid or unparsable")
        );
    }
}
