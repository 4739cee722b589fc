//! Users, groups and computers of an Active Directory, for reading.

use crate::active::{ActiveDirectory, bind_reader, groups_of};
use crate::connection::{Most, exchange};
use crate::entry::Entry;
use crate::filter::{self, SECRETS};
use crate::standard::names;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::{
    Endpoint, Map, Method, Operation, Problem, Request, Response, Shape, Value, Verb, Word, word,
};
use ldap3::{Scope, ldap_escape};
use serde_json::json;

/// Most entries of one answer.
const MOST: usize = 10_000;

/// Words of lists.
const MANY: &[&Word] = &[&word::FIELDS, &word::FILTER, &word::AS_LIST];
/// Words of single entries.
const ONE: &[&Word] = &[&word::FIELDS];

const fn list(id: &'static str, summary: &'static str) -> [Method; 1] {
    [Method::new(Verb::Get, id, summary, MANY).gives(Shape::Wrapped(&Shape::Any))]
}

const fn one(id: &'static str, summary: &'static str) -> [Method; 1] {
    [Method::new(Verb::Get, id, summary, ONE)]
}

const fn at(name: &'static str, path: &'static str, methods: &'static [Method]) -> Endpoint {
    Endpoint { name, path, methods }
}

pub(crate) static ENDPOINTS: &[Endpoint] = &[
    at("root", "", &list("list{S}Resources", "Lists what can be read.")),
    at("user", "user", &list("get{S}Users", "Lists users.")),
    at("user", "user/{name}", &one("get{S}User", "Shows a user.")),
    at(
        "group",
        "group",
        &list("get{S}Groups", "Lists groups, or those of a user."),
    ),
    at("group", "group/{name}", &one("get{S}Group", "Shows a group.")),
    at(
        "computer",
        "computer",
        &list("get{S}Computers", "Lists computers."),
    ),
    at(
        "computer",
        "computer/{name}",
        &one("get{S}Computer", "Shows a computer."),
    ),
];

/// What entries of a resource are, and by which attribute they are named.
struct Kind {
    name: &'static str,
    label: &'static str,
    filter: &'static str,
    key: &'static str,
    /// What `key` is called in refusals.
    called: &'static str,
}

static KINDS: &[Kind] = &[
    Kind {
        name: "user",
        label: "User",
        filter: "(objectCategory=person)(objectClass=user)(samaccountname=*)",
        key: "samaccountname",
        called: "username",
    },
    Kind {
        name: "group",
        label: "Group",
        filter: "(objectCategory=group)(objectClass=group)",
        key: "cn",
        called: "cn",
    },
    Kind {
        name: "computer",
        label: "Computer",
        filter: "(objectCategory=computer)(objectClass=computer)",
        key: "cn",
        called: "cn",
    },
];

/// Answers a call of [`ENDPOINTS`].
pub(crate) async fn answer(
    directory: &ActiveDirectory,
    operation: &Operation,
    request: &Request,
) -> Result<Response, Problem> {
    let Some(kind) = KINDS.iter().find(|kind| kind.name == operation.endpoint.name) else {
        return Ok(wrapped(
            KINDS.iter().map(|kind| json!({"name": kind.name})).collect(),
        ));
    };
    let fields = Fields::of(request)?;
    let name = operation.capture("name");
    if !name.is_empty() {
        let wanted = format!("(&{}({}={}))", kind.filter, kind.key, ldap_escape(name));
        let found = read(directory, wanted, &fields, Most::few(1)).await?;
        let found = found.into_iter().next().ok_or_else(|| missing(kind, name))?;
        return Ok(Response::value(fields.shown(found)));
    }
    let own = request
        .params
        .get("filter")
        .map(str::trim)
        .filter(|filter| !filter.is_empty());
    if let Some(own) = own {
        filter::check(own)?;
    }
    let wanted = format!("(&{}{})", kind.filter, own.unwrap_or_default());
    let fields = match request.flag(&word::AS_LIST) {
        true => Fields::named(&[kind.key]),
        false => fields,
    };
    let found = match request.params.get("user").filter(|_| kind.name == "group") {
        Some(user) => groups_of_user(directory, user, wanted, &fields).await?,
        None => read(directory, wanted, &fields, Most::paged(MOST, directory.page)).await?,
    };
    Ok(wrapped(
        found.into_iter().map(|entry| fields.shown(entry)).collect(),
    ))
}

fn wrapped(entries: Vec<Value>) -> Response {
    Response::value(json!({"resource": entries}))
}

fn missing(kind: &Kind, name: &str) -> Problem {
    Problem::not_found(format!("{} not found by {} [{name}]", kind.label, kind.called))
}

async fn read(
    directory: &ActiveDirectory,
    wanted: String,
    fields: &Fields,
    most: Most,
) -> Result<Vec<Entry>, Problem> {
    let (reader, base, attributes) = (directory.reader()?, directory.place.base.clone(), fields.asked());
    exchange(&directory.place.url, move |mut connection| async move {
        bind_reader(&mut connection, &reader).await?;
        connection
            .search((&base, Scope::Subtree), &wanted, attributes, most)
            .await
    })
    .await
}

/// The groups of a user that a filter fits.
async fn groups_of_user(
    directory: &ActiveDirectory,
    user: &str,
    wanted: String,
    fields: &Fields,
) -> Result<Vec<Entry>, Problem> {
    let kind = &KINDS[0];
    let of_user = format!("(&{}({}={}))", kind.filter, kind.key, ldap_escape(user));
    let (reader, base, attributes) = (directory.reader()?, directory.place.base.clone(), fields.asked());
    let groups = exchange(&directory.place.url, move |mut connection| async move {
        bind_reader(&mut connection, &reader).await?;
        let of_person = names(&["memberOf", "objectSid", "primaryGroupID"]);
        let place = (base.as_str(), Scope::Subtree);
        let found = connection
            .search(place, &of_user, of_person, Most::few(1))
            .await?;
        let Some(person) = found.first() else {
            return Ok(None);
        };
        let mut groups = Vec::new();
        for dn in groups_of(&mut connection, &base, person, false).await? {
            let place = (dn.as_str(), Scope::Base);
            groups.extend(
                connection
                    .search(place, &wanted, attributes.clone(), Most::few(1))
                    .await?,
            );
        }
        Ok(Some(groups))
    })
    .await?;
    groups.ok_or_else(|| missing(kind, user))
}

/// The attributes that an answer shows; `None` for all that are text.
struct Fields(Option<Vec<String>>);

impl Fields {
    /// Those that a call asks for. 400 for what is no name of an attribute, or one of a secret.
    fn of(request: &Request) -> Result<Fields, Problem> {
        let list = request.list(&word::FIELDS).filter(|list| !list.is_empty());
        let Some(list) = list.filter(|list| !list.iter().any(|name| name == "*")) else {
            return Ok(Fields(None));
        };
        let is_name = |name: &String| {
            name.len() <= 100
                && name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b';')
        };
        match list.iter().all(|name| is_name(name) && !is_secret(name)) {
            true => Ok(Fields(Some(
                list.iter().map(|name| name.to_lowercase()).collect(),
            ))),
            false => Err(Problem::bad_request(
                "The parameter 'fields' must hold names of attributes that can be read.",
            )),
        }
    }

    fn named(list: &[&str]) -> Fields {
        Fields(Some(names(list)))
    }

    /// What the directory is asked for.
    fn asked(&self) -> Vec<String> {
        self.0.clone().unwrap_or_else(|| names(&["*"]))
    }

    /// An entry as an answer shows it.
    fn shown(&self, entry: Entry) -> Value {
        let Some(list) = &self.0 else {
            let texts = entry
                .texts
                .iter()
                .filter(|(name, _)| !is_secret(name) && !entry.binary.contains_key(*name));
            let mut all: Map<String, Value> = texts
                .map(|(name, values)| (name.clone(), value(values)))
                .collect();
            all.insert("dn".to_owned(), entry.dn.into());
            return Value::Object(all);
        };
        list.iter()
            .map(|name| {
                let shown = match (entry.binary.get(name), entry.texts.get(name)) {
                    _ if name == "dn" => json!(entry.dn),
                    (Some(bytes), _) => value(&bytes.iter().map(|b| STANDARD.encode(b)).collect::<Vec<_>>()),
                    (None, Some(texts)) => value(texts),
                    (None, None) => Value::Null,
                };
                (name.clone(), shown)
            })
            .collect::<Map<String, Value>>()
            .into()
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    SECRETS.contains(&name.split(';').next().unwrap_or_default())
}

/// One value stands for itself, several are a list. What holds signs that cannot be shown is no text.
fn value(values: &[String]) -> Value {
    match values {
        [one] => json!(one),
        several => json!(several),
    }
}
