//! Names that need quotes, and tables of other schemas.

use super::Subject;
use super::probe::{On, Probe, aggregate, by, changing, field, ids, reading, shown};
use records::{DeletePlan, ReadPlan};
use sql::Aggregate;

const ODD: &str = "odd \"table\" ü";

pub(super) async fn odd_names_work(s: Subject) {
    s.clear(&[ODD]).await;
    let odd = s.table(ODD).await;
    let on = On(&odd);
    let names = ["a b", "c\"d", "e`f", "größe", "select"];
    for n in 1..=3 {
        let row = vec![
            ("a b", n.into()),
            ("c\"d", format!("t{n}").into()),
            ("e`f", (10 * n).into()),
            ("größe", (100 * n).into()),
            ("select", (-n).into()),
        ];
        s.insert(&odd, row).await.expect("it is stored");
    }
    let plan = ReadPlan {
        condition: Some(on.list("größe", [100, 300])),
        order: vec![by(&odd, "select")],
        ..reading(&odd, &names)
    };
    assert_eq!(
        shown(&*s.backend, &plan).await,
        ["3 t3 30 300 -3", "1 t1 10 100 -1"]
    );
    for condition in [
        on.eq("c\"d", "t2"),
        on.eq("e`f", 20),
        on.like("c\"d", "%2"),
        on.between("a b", 2, 2),
    ] {
        assert_eq!(ids(&*s.backend, &odd, condition).await.len(), 1);
    }
    if s.backend.capabilities().groups {
        let mut grouped = reading(&odd, &["c\"d"]);
        grouped.group = vec![field(&odd, "c\"d")];
        grouped.order = vec![by(&odd, "c\"d")];
        grouped
            .columns
            .push(aggregate(&odd, Aggregate::Sum, Some("größe")));
        assert_eq!(shown(&*s.backend, &grouped).await, ["t1 100", "t2 200", "t3 300"]);
    }
    let plan = changing(
        &odd,
        names[2..].iter().map(|name| (*name, 0.into())).collect(),
        on.eq("a b", 1),
    );
    assert_eq!(s.backend.update(&plan).await.expect("it is changed"), 1);
    let plan = DeletePlan {
        condition: Some(on.eq("e`f", 0)),
        table: odd.clone(),
    };
    assert_eq!(s.backend.delete(&plan).await.expect("it is removed"), 1);
}

pub(super) async fn other_schemas(s: Subject) {
    let Some(public) = s.traits.elsewhere.clone() else {
        return;
    };
    let listed = s.backend.tables().await.expect("the catalogue answers");
    assert!(
        listed.iter().any(|table| table.public == public),
        "{public} is not listed"
    );
    s.clear(&[&public]).await;
    let notes = s.table(&public).await;
    assert!(notes.native.schema.is_some());
    let key = s
        .insert(&notes, vec![("body", "hello".into())])
        .await
        .expect("it is stored");
    let plan = ReadPlan {
        condition: Some(On(&notes).eq("id", key[0].clone())),
        ..reading(&notes, &["body"])
    };
    assert_eq!(shown(&*s.backend, &plan).await, ["hello"]);
    let described = s
        .backend
        .describe(&public)
        .await
        .expect("the catalogue answers")
        .expect("it is there");
    assert_eq!(described.name.public, public);
    assert_eq!(described.foreign_keys[0].public, "books");
    // The other side knows it by its full name.
    let books = s
        .backend
        .describe("books")
        .await
        .expect("the catalogue answers")
        .expect("it is there");
    assert!(
        books
            .neighbours
            .iter()
            .any(|neighbour| neighbour.public == public)
    );
    assert!(
        s.backend
            .describe("notes")
            .await
            .expect("the catalogue answers")
            .is_none()
    );
}
