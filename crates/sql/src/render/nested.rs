//! A SELECT whose rows come with rows of other tables that belong to them, as JSON.

use super::{Statement, Writer};
use crate::{Dialect, Nested, NestedList};

/// Renders a SELECT with what belongs to each row: for each list the number of its rows and their JSON follow the
/// shown items. `None` where the dialect cannot make JSON of rows.
pub fn nested(dialect: &dyn Dialect, nested: &Nested) -> Option<Statement> {
    let mut out = Writer::new(dialect);
    let name = |place: usize| format!("{LIST} {place}");
    out.text.push_str("SELECT ");
    let shown = nested.select.items.get(..nested.shown)?;
    out.list(shown, |out, item| {
        out.qualified(ROW, item.alias.as_deref().unwrap_or_default())
    });
    for place in 0..nested.lists.len() {
        for part in [COUNT, ROWS] {
            out.text.push_str(", ");
            out.qualified(&name(place), part);
        }
    }
    out.text.push_str(" FROM (");
    out.select(&nested.select);
    out.text.push_str(") AS ");
    out.quoted(ROW);
    for (place, list) in nested.lists.iter().enumerate() {
        out.text.push_str(", LATERAL (");
        out.belonging(list)?;
        out.text.push_str(") AS ");
        out.quoted(&name(place));
    }
    Some(out.done())
}

/// Names in a SELECT with what belongs to each row: the row, a list, and the list's number of rows and their JSON.
const ROW: &str = "dw row";
const LIST: &str = "dw list";
const COUNT: &str = "dw count";
const ROWS: &str = "dw rows";

impl Writer<'_> {
    /// The rows of a list, counted and as JSON.
    fn belonging(&mut self, list: &NestedList) -> Option<()> {
        let mut name = String::new();
        self.dialect.quote(LIST, &mut name);
        let json = self.dialect.json_rows(&name)?;
        self.text.push_str("SELECT count(*) AS ");
        self.quoted(COUNT);
        self.text.push_str(", ");
        self.text.push_str(&json);
        self.text.push_str(" AS ");
        self.quoted(ROWS);
        self.text.push_str(" FROM (");
        self.from(&list.select);
        for (i, (column, alias)) in list.on.iter().enumerate() {
            self.text.push_str(if i == 0 { " WHERE " } else { " AND " });
            self.quoted(column);
            self.text.push_str(" = ");
            self.qualified(ROW, alias);
        }
        self.filter(" AND ", list.select.filter.as_ref());
        self.order_by(&list.select.order);
        self.limit(list.select.limit, list.select.offset);
        self.text.push_str(") AS ");
        self.quoted(LIST);
        Some(())
    }
}
