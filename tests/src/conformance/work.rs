//! Units of work.

use super::Subject;
use super::probe::{Probe, ids, inserting, refused};
use contract::Kind;
use records::{DeletePlan, InsertPlan, Table, Work};
use std::sync::Arc;

async fn begun(s: &Subject) -> Option<(Arc<Table>, Box<dyn Work>)> {
    if !s.backend.capabilities().transactions {
        return None;
    }
    s.clear(&["book_tags", "books", "authors"]).await;
    let authors = s.table("authors").await;
    Some((authors, s.backend.begin().await.expect("work can begin")))
}

fn author(authors: &Arc<Table>, email: &str) -> InsertPlan {
    inserting(authors, vec![("email", email.into()), ("name", "Ann".into())])
}

pub(super) async fn commit(s: Subject) {
    let Some((authors, work)) = begun(&s).await else {
        return;
    };
    work.insert(&author(&authors, "a@x")).await.expect("it is stored");
    let second = work.insert(&author(&authors, "b@x")).await.expect("it is stored");
    assert_eq!(ids(&*work, &authors, None).await.len(), 2);
    assert_eq!(
        ids(&*s.backend, &authors, None).await.len(),
        0,
        "others see it too early"
    );
    let condition = Some(super::probe::On(&authors).eq("id", second[0].clone()));
    let removed = work
        .delete(&DeletePlan {
            table: Arc::clone(&authors),
            condition,
        })
        .await;
    assert_eq!(removed.expect("it is removed"), 1);
    work.commit().await.expect("it is kept");
    assert_eq!(ids(&*s.backend, &authors, None).await.len(), 1);
}

pub(super) async fn rollback(s: Subject) {
    let Some((authors, work)) = begun(&s).await else {
        return;
    };
    work.insert(&author(&authors, "a@x")).await.expect("it is stored");
    work.rollback().await.expect("it is undone");
    assert_eq!(ids(&*s.backend, &authors, None).await.len(), 0);
    s.backend
        .insert(&author(&authors, "a@x"))
        .await
        .expect("nothing is left behind");
}

pub(super) async fn dropped(s: Subject) {
    let Some((authors, work)) = begun(&s).await else {
        return;
    };
    work.insert(&author(&authors, "a@x")).await.expect("it is stored");
    drop(work);
    // The same unique value again: this waits for the end of what was dropped, or is not hindered by it.
    s.backend
        .insert(&author(&authors, "a@x"))
        .await
        .expect("nothing is left behind");
    assert_eq!(ids(&*s.backend, &authors, None).await.len(), 1);
}

pub(super) async fn one_refusal_spoils_nothing_outside(s: Subject) {
    let Some((authors, work)) = begun(&s).await else {
        return;
    };
    work.insert(&author(&authors, "a@x")).await.expect("it is stored");
    assert_eq!(
        refused(work.insert(&author(&authors, "a@x")).await),
        Kind::BadRequest
    );
    work.rollback().await.expect("it is undone");
    assert_eq!(ids(&*s.backend, &authors, None).await.len(), 0);
    // Many units one after the other: none keeps its connection.
    for _ in 0..30 {
        let work = s.backend.begin().await.expect("work can begin");
        work.insert(&author(&authors, "a@x")).await.expect("it is stored");
        drop(work);
    }
    assert_eq!(ids(&*s.backend, &authors, None).await.len(), 0);
}
