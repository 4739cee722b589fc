//! Order, limit, offset, and how rows reach their sink.

use super::Subject;
use super::probe::{On, Probe, by, ids, reading, shown};
use driver::{Cell, Flow, Sink};
use records::{OrderItem, ReadPlan};
use sql::NullsOrder::{First, Last};
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(super) async fn orders(s: Subject) {
    let items = s.table("items").await;
    let known = super::probe::not(On(&items).null("qty"));
    let order = |order: Vec<OrderItem>| ReadPlan {
        condition: Some(known.clone()),
        order,
        ..reading(&items, &["id"])
    };
    let (qty, id) = (by(&items, "qty"), by(&items, "id"));
    let down = |item: OrderItem| OrderItem {
        descending: true,
        ..item
    };
    for (plan, expected) in [
        (order(vec![id]), "1 2 3 4 6 7 8 10 11 12"),
        (order(vec![down(id)]), "12 11 10 8 7 6 4 3 2 1"),
        (order(vec![qty, id]), "7 3 11 12 1 6 10 8 4 2"),
        (order(vec![down(qty), id]), "2 4 8 1 6 10 12 11 3 7"),
        (order(vec![qty, down(id)]), "7 3 11 12 10 6 1 8 4 2"),
        (
            order(vec![by(&items, "kind"), down(qty), id]),
            "8 10 2 4 3 6 12 11 7 1",
        ),
    ] {
        assert_eq!(
            shown(&*s.backend, &plan).await.join(" "),
            expected,
            "{:?}",
            plan.order
        );
    }
}

pub(super) async fn places_of_nulls(s: Subject) {
    let items = s.table("items").await;
    for (descending, nulls, expected) in [
        (false, First, "5 9 7 3 11 12 1 6 10 8 4 2"),
        (false, Last, "7 3 11 12 1 6 10 8 4 2 5 9"),
        (true, First, "5 9 2 4 8 1 6 10 12 11 3 7"),
        (true, Last, "2 4 8 1 6 10 12 11 3 7 5 9"),
    ] {
        let qty = OrderItem {
            descending,
            nulls: Some(nulls),
            ..by(&items, "qty")
        };
        let plan = ReadPlan {
            order: vec![qty, by(&items, "id")],
            ..reading(&items, &["id"])
        };
        assert_eq!(
            shown(&*s.backend, &plan).await.join(" "),
            expected,
            "{descending} {nulls:?}"
        );
    }
}

pub(super) async fn limits_and_offsets(s: Subject) {
    let items = s.table("items").await;
    for (limit, offset, expected) in [
        (Some(3), 0, "1 2 3"),
        (Some(3), 10, "11 12"),
        (Some(3), 12, ""),
        (Some(0), 0, ""),
        (None, 9, "10 11 12"),
        (Some(1000), 11, "12"),
        (Some(u64::MAX), 11, "12"),
        (Some(1), u64::MAX, ""),
    ] {
        let plan = ReadPlan {
            order: vec![by(&items, "id")],
            limit,
            offset,
            ..reading(&items, &["id"])
        };
        assert_eq!(
            shown(&*s.backend, &plan).await.join(" "),
            expected,
            "{limit:?} {offset}"
        );
    }
}

/// Counts rows and tells the driver what to do after each.
struct Counting {
    rows: usize,
    flow: fn(usize) -> Flow,
    drained: Arc<AtomicUsize>,
}

impl Sink for Counting {
    fn cell(&mut self, _index: usize, _cell: Cell<'_>) {}

    fn end_row(&mut self) -> Flow {
        self.rows += 1;
        (self.flow)(self.rows)
    }

    fn drain(&mut self) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.drained.fetch_add(1, Ordering::SeqCst);
        Box::pin(tokio::task::yield_now())
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}

pub(super) async fn sinks_can_stop_and_wait(s: Subject) {
    let items = s.table("items").await;
    let plan = ReadPlan {
        order: vec![by(&items, "id")],
        ..reading(&items, &["id", "name"])
    };
    let stop: fn(usize) -> Flow = |row| if row == 3 { Flow::Stop } else { Flow::More };
    let wait: fn(usize) -> Flow = |row| if row % 2 == 0 { Flow::Drain } else { Flow::More };
    for (flow, rows, drains) in [(stop, 3, 0), (wait, 12, 6)] {
        let drained = Arc::new(AtomicUsize::new(0));
        let sink = Counting {
            rows: 0,
            flow,
            drained: Arc::clone(&drained),
        };
        let back = s
            .backend
            .read(&plan, Box::new(sink))
            .await
            .expect("the read succeeds");
        let back = back
            .into_any()
            .downcast::<Counting>()
            .expect("the sink comes back");
        assert_eq!((back.rows, drained.load(Ordering::SeqCst)), (rows, drains));
    }
    // A read that was ended early leaves nothing behind that the next one would see.
    assert_eq!(ids(&*s.backend, &items, None).await.len(), 12);
}
