//! Rate limits: their table, what must hold of them, and their rows.

use crate::entity::{Attribute, Entity, Fallback, Kind, Shape, at};
use crate::rules::{Change, differs};
use crate::schema::{Table, Type, key, may, must};
use crate::statements::{Row, Statements};
use crate::store::Store;
use crate::write::StoreTx;
use contract::{Map, Problem, Value, Verb};
use serde_json::json;
use sql::{Expr, Scalar};
use std::time::Duration;

/// The table of rate limits.
pub(crate) const TABLES: &[Table] = &[Table {
    name: "limit",
    columns: &[
        key(),
        must("type", Type::Text),
        must("key_text", Type::Name),
        must("rate", Type::Integer),
        must("period", Type::Integer),
        may("user_id", Type::Integer),
        may("role_id", Type::Integer),
        may("service_id", Type::Integer),
        must("name", Type::Text),
        may("description", Type::Text),
        must("is_active", Type::Boolean),
        may("endpoint", Type::Text),
        may("verb", Type::Text),
    ],
    audited: true,
    indexes: &[(true, &["key_text"])],
}];

const ATTRIBUTES: &[Attribute] = &[
    at("name", Kind::Text(255), Fallback::Rule),
    at("description", Kind::Text(1000), Fallback::Null),
    at("is_active", Kind::Flag, Fallback::Flag(true)),
    at("type", Kind::Text(64), Fallback::Rule),
    at("user_id", Kind::Int, Fallback::Null),
    at("role_id", Kind::Int, Fallback::Null),
    at("service_id", Kind::Int, Fallback::Null),
    at("endpoint", Kind::Text(255), Fallback::Null),
    at("verb", Kind::Text(16), Fallback::Null),
];

const COLUMNS: &[&str] = &[
    "id",
    "type",
    "key_text",
    "rate",
    "period",
    "user_id",
    "role_id",
    "service_id",
    "name",
    "description",
    "is_active",
    "created_date",
    "last_modified_date",
    "endpoint",
    "verb",
];

/// What is stored of a limit, but not its key, which is made of the rest.
pub(crate) const STORED: &[&str] = &[
    "id",
    "type",
    "rate",
    "period",
    "user_id",
    "role_id",
    "service_id",
    "name",
    "description",
    "is_active",
    "endpoint",
    "verb",
];

pub(crate) static SHAPE: Shape = Shape {
    table: "limit",
    audited: true,
    attributes: ATTRIBUTES,
    columns: COLUMNS,
    children: &[],
};

/// The ten types of limits. Which calls one counts, and what it needs to know for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitType {
    /// Name, as in `type`.
    pub name: &'static str,
    /// Whether it is for one user (`user_id`).
    pub user: bool,
    /// Whether every user is counted apart.
    pub each_user: bool,
    /// Whether it is for one role (`role_id`).
    pub role: bool,
    /// Whether it is for one service (`service_id`).
    pub service: bool,
    /// Whether it is for one endpoint of the service (`endpoint`).
    pub endpoint: bool,
}

const fn kind(name: &'static str, user: u8, role: bool, service: bool, endpoint: bool) -> LimitType {
    LimitType {
        name,
        user: user == 1,
        each_user: user == 2,
        role,
        service,
        endpoint,
    }
}

impl LimitType {
    /// All of them.
    pub const ALL: [LimitType; 10] = [
        kind("instance", 0, false, false, false),
        kind("instance.user", 1, false, false, false),
        kind("instance.each_user", 2, false, false, false),
        kind("instance.role", 0, true, false, false),
        kind("instance.service", 0, false, true, false),
        kind("instance.user.service", 1, false, true, false),
        kind("instance.each_user.service", 2, false, true, false),
        kind("instance.service.endpoint", 0, false, true, true),
        kind("instance.user.service.endpoint", 1, false, true, true),
        kind("instance.each_user.service.endpoint", 2, false, true, true),
    ];

    /// A type by its name.
    pub fn find(name: &str) -> Option<LimitType> {
        LimitType::ALL.into_iter().find(|t| t.name == name)
    }
}

/// The length of a limit's window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period(usize);

/// Names and seconds; the index is what is stored.
const PERIODS: [(&str, u64); 5] = [
    ("minute", 60),
    ("hour", 3600),
    ("day", 86_400),
    ("7-day", 604_800),
    ("30-day", 2_592_000),
];

impl Period {
    /// A period by its stored number.
    pub fn of(number: i64) -> Option<Period> {
        let index = usize::try_from(number).ok()?;
        (index < PERIODS.len()).then_some(Period(index))
    }

    /// A period as clients write it: its name or its number.
    pub fn read(value: &Value) -> Option<Period> {
        match value {
            Value::Number(number) => Period::of(number.as_i64()?),
            Value::String(text) => {
                let text = text.trim();
                let named = PERIODS.iter().position(|(name, _)| *name == text);
                named.map(Period).or_else(|| Period::of(text.parse().ok()?))
            }
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        PERIODS[self.0].0
    }

    /// Its length.
    pub fn length(self) -> Duration {
        Duration::from_secs(PERIODS[self.0].1)
    }

    fn number(self) -> i64 {
        i64::try_from(self.0).unwrap_or_default()
    }
}

/// A rate limit.
#[derive(Debug, Clone)]
pub struct LimitRow {
    /// Primary key.
    pub id: i64,
    /// Type.
    pub kind: LimitType,
    /// Key; the user of a limit for each user is left open in it.
    pub key_text: String,
    /// Calls that pass in a window.
    pub rate: u64,
    /// Length of a window.
    pub period: Period,
    /// User, for limits of one.
    pub user_id: Option<i64>,
    /// Role, for limits of one.
    pub role_id: Option<i64>,
    /// Service, for limits of one.
    pub service_id: Option<i64>,
    /// Path below the service, for limits of one; a `*` in it stands for everything from there.
    pub endpoint: Option<String>,
    /// Verb; none is all.
    pub verb: Option<Verb>,
    /// Name for people.
    pub name: String,
    /// The row as clients see it, for the answer that tells of an exceeded limit.
    pub shown: Map<String, Value>,
}

impl LimitRow {
    /// The key of the counter of a user; for limits that do not count each user apart, the limit's own key.
    pub fn key(&self, user: Option<i64>) -> String {
        match user.filter(|_| self.kind.each_user) {
            None => self.key_text.clone(),
            user => {
                let parts = Parts {
                    user,
                    role: self.role_id,
                    service: self.service_id,
                    endpoint: self.endpoint.as_deref(),
                    verb: self.verb,
                };
                parts.key(self.kind, self.period)
            }
        }
    }
}

/// What a key is made of.
struct Parts<'a> {
    user: Option<i64>,
    role: Option<i64>,
    service: Option<i64>,
    endpoint: Option<&'a str>,
    verb: Option<Verb>,
}

impl Parts<'_> {
    fn key(&self, kind: LimitType, period: Period) -> String {
        let number = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
        let mut key = String::from("instance");
        if kind.user {
            key.push_str(&format!(".user:{}", number(self.user)));
        }
        if kind.each_user {
            key.push_str(&format!(".each_user:{}", number(self.user)));
        }
        if kind.role {
            key.push_str(&format!(".role:{}", number(self.role)));
        }
        if kind.service {
            key.push_str(&format!(".service:{}", number(self.service)));
        }
        if kind.endpoint {
            key.push_str(&format!(".endpoint:{}", self.endpoint.unwrap_or_default()));
        }
        if let Some(verb) = self.verb {
            key.push_str(&format!(".verb:{verb}"));
        }
        key.push('.');
        key.push_str(period.name());
        key
    }
}

/// The active limits, in id order. A row that cannot be read is a fault, never an absent limit.
pub(crate) async fn limits(statements: &Statements<'_>) -> Result<Vec<LimitRow>, Problem> {
    let rows = statements
        .find("limit", COLUMNS, Some(Expr::eq("is_active", true)))
        .await?;
    rows.iter().map(limit).collect()
}

fn limit(row: &Row) -> Result<LimitRow, Problem> {
    let lost = || Problem::internal("a rate limit in the system database has no type or period");
    let kind = LimitType::find(&row.string("type")).ok_or_else(lost)?;
    let period = row.int("period").and_then(Period::of).ok_or_else(lost)?;
    Ok(LimitRow {
        id: row.int("id").unwrap_or_default(),
        kind,
        key_text: row.string("key_text"),
        rate: row.int("rate").and_then(|n| u64::try_from(n).ok()).unwrap_or(1),
        period,
        user_id: row.int("user_id"),
        role_id: row.int("role_id"),
        service_id: row.int("service_id"),
        endpoint: row.text("endpoint"),
        verb: row.text("verb").as_deref().and_then(Verb::parse),
        name: row.string("name"),
        shown: shown(row, period),
    })
}

fn shown(row: &Row, period: Period) -> Map<String, Value> {
    COLUMNS
        .iter()
        .map(|column| {
            let value = match (*column, row.cell(column)) {
                ("period", _) => json!(period.name()),
                ("is_active", _) => json!(row.flag("is_active")),
                (_, Scalar::Int(n)) => json!(n),
                (_, cell) => json!(cell.to_text()),
            };
            ((*column).to_owned(), value)
        })
        .collect()
}

impl Store {
    /// The ids of the active users that are no administrators: those that limits for each user count.
    pub async fn active_users(&self) -> Result<Vec<i64>, Problem> {
        let wanted = Expr::And(vec![Expr::eq("is_active", true), Expr::eq("is_sys_admin", false)]);
        let rows = self.statements().find("user", &["id"], Some(wanted)).await?;
        Ok(rows.iter().filter_map(|row| row.int("id")).collect())
    }
}

impl StoreTx {
    /// What a limit counts must exist, and no two limits may count the same.
    pub(crate) async fn limit_rules(&self, change: &mut Change<'_>) -> Result<(), Problem> {
        let name = change.after("name").unwrap_or_default();
        let kind = change.after("type").unwrap_or_default();
        let kind = LimitType::find(&kind).ok_or_else(|| {
            Problem::bad_request(format!("The limit type is missing or unknown. Limit: {name}"))
        })?;
        let user = self.subject(change, "user", kind.user, &name).await?;
        let role = self.subject(change, "role", kind.role, &name).await?;
        let service = self.subject(change, "service", kind.service, &name).await?;
        let endpoint = endpoint(change, kind, &name)?;
        let verb = verb(change)?;
        let period = period(change)?;
        let parts = Parts {
            user,
            role,
            service,
            endpoint: endpoint.as_deref(),
            verb,
        };
        let key = parts.key(kind, period);
        let mut same = vec![Expr::eq("key_text", key.as_str())];
        same.extend(change.id().map(differs));
        if self.statements().count("limit", Some(Expr::And(same))).await? > 0 {
            return Err(duplicate(change.record, &parts, period, &key));
        }
        if let Some(rate) = rate(change)? {
            change.values.set("rate", rate);
        }
        change.require("name");
        change.values.set("period", period.number());
        change.values.set("key_text", key);
        Ok(())
    }

    /// The id that a limit is for: checked when its type needs it, null when it does not.
    async fn subject(
        &self,
        change: &mut Change<'_>,
        table: &str,
        needed: bool,
        name: &str,
    ) -> Result<Option<i64>, Problem> {
        let column = match table {
            "user" => "user_id",
            "role" => "role_id",
            _ => "service_id",
        };
        if !needed {
            change.values.set(column, Scalar::Null);
            return Ok(None);
        }
        let missing = || match table {
            "service" => "service_id must be specified with this limit type.".to_owned(),
            _ => format!("{column} must be specified with this limit type. Limit: {name}"),
        };
        let id = change
            .int_after(column)
            .ok_or_else(|| Problem::bad_request(missing()))?;
        let unknown = match table {
            "user" => format!("user_id does not exist for {name} limit."),
            "role" => format!("No role_id exists for {name} limit."),
            _ => format!("No service exists for {name} limit."),
        };
        match self.statements().count(table, Some(Expr::eq("id", id))).await? {
            0 => Err(Problem::bad_request(unknown)),
            _ => Ok(Some(id)),
        }
    }
}

/// The endpoint without slashes at its ends.
fn endpoint(change: &mut Change<'_>, kind: LimitType, name: &str) -> Result<Option<String>, Problem> {
    if !kind.endpoint {
        change.values.set("endpoint", Scalar::Null);
        return Ok(None);
    }
    let text = change.after("endpoint").unwrap_or_default();
    let text = text.trim().trim_matches('/');
    if text.is_empty() {
        return Err(Problem::bad_request(format!(
            "endpoint must be specified with this limit type. Limit: {name}"
        )));
    }
    change.values.set("endpoint", text);
    Ok(Some(text.to_owned()))
}

fn verb(change: &mut Change<'_>) -> Result<Option<Verb>, Problem> {
    let Some(text) = change.after("verb").filter(|t| !t.trim().is_empty()) else {
        change.values.set("verb", Scalar::Null);
        return Ok(None);
    };
    let named = |verb: &Verb| text.trim().eq_ignore_ascii_case(verb.as_str());
    match Verb::GRANTABLE.into_iter().find(named) {
        None => Err(Problem::bad_request("Verb is invalid or not allowed.")),
        Some(verb) => {
            change.values.set("verb", verb.as_str());
            Ok(Some(verb))
        }
    }
}

fn period(change: &Change<'_>) -> Result<Period, Problem> {
    let stored = || change.row.and_then(|row| row.int("period")).and_then(Period::of);
    let period = match change.record.get("period") {
        None => stored(),
        Some(value) => Period::read(value),
    };
    period.ok_or_else(|| {
        let names: Vec<&str> = PERIODS.iter().map(|(name, _)| *name).collect();
        Problem::bad_request(format!("Limit period must be one of {}.", names.join(", ")))
    })
}

/// The rate when it was sent, or must be.
fn rate(change: &Change<'_>) -> Result<Option<i64>, Problem> {
    let rate = match change.record.get("rate") {
        None if change.row.is_some() => return Ok(None),
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    match rate.filter(|n| *n >= 1) {
        Some(rate) => Ok(Some(rate)),
        None => Err(Problem::bad_request(
            "Limit rate must be an integer. Limit not saved.",
        )),
    }
}

/// The refusal of a limit that exists already, with the record as it was understood.
fn duplicate(record: &Map<String, Value>, parts: &Parts<'_>, period: Period, key: &str) -> Problem {
    let mut context = record.clone();
    context.insert("period".into(), json!(period.number()));
    for (name, value) in [
        ("user_id", json!(parts.user)),
        ("role_id", json!(parts.role)),
        ("service_id", json!(parts.service)),
        ("endpoint", json!(parts.endpoint)),
        ("verb", json!(parts.verb.map(Verb::as_str))),
        ("key_text", json!(key)),
    ] {
        context.insert(name.into(), value);
    }
    Problem::bad_request("A limit already exists with those parameters. No records added.")
        .with_context(Value::Object(context))
}

/// Limits belong to what they count.
pub(crate) fn belonging(entity: Entity) -> Option<(&'static str, &'static str)> {
    let column = match entity {
        Entity::Service => "service_id",
        Entity::Role => "role_id",
        Entity::Admin | Entity::User => "user_id",
        _ => return None,
    };
    Some(("limit", column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_the_reference() {
        let parts = Parts {
            user: Some(5),
            role: Some(7),
            service: Some(3),
            endpoint: Some("_table/contact/*"),
            verb: Some(Verb::Get),
        };
        let key =
            |name: &str, period: i64| parts.key(LimitType::find(name).unwrap(), Period::of(period).unwrap());
        assert_eq!(key("instance", 0), "instance.verb:GET.minute");
        assert_eq!(
            key("instance.user.service", 1),
            "instance.user:5.service:3.verb:GET.hour"
        );
        assert_eq!(key("instance.role", 2), "instance.role:7.verb:GET.day");
        assert_eq!(
            key("instance.each_user.service.endpoint", 3),
            "instance.each_user:5.service:3.endpoint:_table/contact/*.verb:GET.7-day"
        );
        let open = Parts {
            user: None,
            verb: None,
            ..parts
        };
        let each = LimitType::find("instance.each_user").unwrap();
        assert_eq!(
            open.key(each, Period::of(0).unwrap()),
            "instance.each_user:.minute"
        );
    }

    #[test]
    fn periods_are_read_by_name_and_number() {
        for (value, name) in [
            (json!("7-day"), "7-day"),
            (json!(4), "30-day"),
            (json!("2"), "day"),
        ] {
            assert_eq!(Period::read(&value).map(Period::name), Some(name));
        }
        for value in [json!("fortnight"), json!(5), json!(-1), json!(null), json!([])] {
            assert_eq!(Period::read(&value), None, "{value}");
        }
    }
}
