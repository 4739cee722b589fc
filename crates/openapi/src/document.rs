//! The document of one service.

use crate::record::{self, Names, Related};
use crate::schema::{self, Direction, Schemas, reference};
use crate::{API_VERSION, components, names, prune};
use contract::{Endpoint, Map, Method, RecordShape, Shape, Value, Verb, Verbs, Word};
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// What a caller may see of a service.
pub trait Sight: Sync {
    /// The verbs that the caller may use on a component, or, where it has placeholders, on some component of the form.
    fn verbs(&self, form: &str) -> Verbs;

    /// Whether anybody may call this, without credentials.
    fn is_open(&self, path: &str, verb: Verb) -> bool;
}

/// The service that a document is of.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Name.
    pub name: &'a str,
    /// Label; becomes the title.
    pub label: &'a str,
    /// Description.
    pub description: &'a str,
    /// Group of its type.
    pub group: &'a str,
    /// Key of lists.
    pub wrapper: &'a str,
}

impl Subject<'_> {
    /// The members of a document around its components and paths.
    pub(crate) fn frame(&self) -> Map<String, Value> {
        let info = json!({
            "title": self.label,
            "description": self.description,
            "version": API_VERSION,
            "x-group": self.group,
        });
        let members = [
            ("openapi", json!("3.0.0")),
            (
                "servers",
                json!([{"url": format!("/api/v2/{}", self.name), "description": ""}]),
            ),
            ("components", json!({})),
            ("security", components::security()),
            ("tags", json!([])),
            ("info", info),
            ("paths", json!({})),
        ];
        members
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect()
    }
}

/// Makes the document of a service, endpoint by endpoint.
pub struct Builder<'a> {
    subject: Subject<'a>,
    sight: &'a dyn Sight,
    paths: Map<String, Value>,
    operations: HashSet<String>,
    schemas: Schemas,
    bodies: Map<String, Value>,
    responses: Map<String, Value>,
    parameters: Map<String, Value>,
    /// The base names of the schemas of records, by component.
    bases: HashMap<String, String>,
    /// Those of them that were noted.
    noted: HashSet<String>,
}

/// A path of a document: an endpoint, or an endpoint for one thing that its first placeholder stands for.
struct Place<'a> {
    endpoint: &'a Endpoint,
    /// As it stands in the document.
    path: String,
    /// As rights know it.
    form: String,
    /// The placeholders that are left.
    placeholders: Vec<&'static str>,
    /// What operations end in.
    suffix: String,
}

impl<'a> Builder<'a> {
    /// A document without paths.
    pub fn new(subject: Subject<'a>, sight: &'a dyn Sight) -> Builder<'a> {
        Builder {
            subject,
            sight,
            paths: Map::new(),
            operations: HashSet::new(),
            schemas: Schemas::default(),
            bodies: Map::new(),
            responses: Map::new(),
            parameters: Map::new(),
            bases: HashMap::new(),
            noted: HashSet::new(),
        }
    }

    /// Adds an endpoint as it is. `record` is what its records look like, where that is the same for all of them.
    pub fn add(&mut self, endpoint: &Endpoint, record: Option<&RecordShape>) {
        let place = Place {
            endpoint,
            path: format!("/{}", endpoint.path.replace("*}", "}")),
            form: endpoint.path.to_owned(),
            placeholders: endpoint.placeholders().collect(),
            suffix: String::new(),
        };
        let base = match record {
            Some(_) => names::camel(names::subject_of(endpoint.path)),
            None => "Record".to_owned(),
        };
        self.place(&place, base, record);
    }

    /// Adds an endpoint for one thing that its first placeholder stands for, such as a table.
    pub fn add_for(&mut self, endpoint: &Endpoint, name: &str, record: &RecordShape) {
        let Some(first) = endpoint.placeholders().next() else {
            return self.add(endpoint, Some(record));
        };
        let braced = format!("{{{first}}}");
        let place = Place {
            endpoint,
            path: format!("/{}", endpoint.path.replacen(&braced, &names::segment(name), 1)),
            form: endpoint.path.replacen(&braced, name, 1),
            placeholders: endpoint.placeholders().skip(1).collect(),
            suffix: format!("_{}", names::ending(name)),
        };
        let head = endpoint.path.split('/').next().unwrap_or_default();
        let base = match uses_records(endpoint) {
            true => self.base(&format!("{head}/{name}")),
            false => String::new(),
        };
        self.place(&place, base, Some(record));
    }

    /// The base name of the schemas of a component's records: two tables never share one.
    fn base(&mut self, component: &str) -> String {
        if let Some(base) = self.bases.get(component) {
            return base.clone();
        }
        let name = component.split_once('/').map_or(component, |(_, name)| name);
        let camel = Some(names::camel(name)).filter(|camel| !camel.is_empty());
        let mut base = format!("{}Record", camel.as_deref().unwrap_or("Table"));
        if self.bases.values().any(|taken| *taken == base) {
            base = format!("{base}{}", self.bases.len());
        }
        self.bases.insert(component.to_owned(), base.clone());
        base
    }

    fn place(&mut self, place: &Place<'_>, base: String, record: Option<&RecordShape>) {
        let names = Names {
            wrapper: self.subject.wrapper,
            base,
        };
        let granted = self.sight.verbs(&place.form);
        let mut item = Map::new();
        for method in place.endpoint.methods {
            let is_open = self.sight.is_open(&place.form, method.verb);
            if (granted.contains(method.verb) || is_open)
                && let Some(mut operation) = self.operation(place, method, &names)
            {
                if is_open {
                    operation.insert("security".into(), json!([]));
                }
                let verb = method.verb.as_str().to_ascii_lowercase();
                item.insert(verb, Value::Object(operation));
            }
        }
        if item.is_empty() {
            return;
        }
        if uses_records(place.endpoint) && self.noted.insert(names.base.clone()) {
            self.note(&names, record, place);
        }
        if !place.placeholders.is_empty() {
            let mut parameters: Vec<Value> = place
                .placeholders
                .iter()
                .map(|name| components::placeholder(name))
                .collect();
            if let (Some(record), [Value::Object(only)]) = (record, parameters.as_mut_slice())
                && place.placeholders == ["field_name"]
            {
                let fields: Vec<&str> = record.fields.iter().map(|field| field.name.as_str()).collect();
                only.insert("schema".into(), json!({"type": "string", "enum": fields}));
            }
            item.insert("parameters".into(), json!(parameters));
        }
        self.paths.insert(place.path.clone(), Value::Object(item));
    }

    fn note(&mut self, names: &Names<'_>, record: Option<&RecordShape>, place: &Place<'_>) {
        let relations = record.map_or(&[][..], |record| &record.relations);
        let mut related = Vec::with_capacity(relations.len());
        for relation in relations {
            let seen = |component: &str| self.sight.verbs(component).contains(Verb::Get);
            if !seen(&relation.component) || relation.junction.as_deref().is_some_and(|j| !seen(j)) {
                continue;
            }
            let base = (!place.suffix.is_empty()).then(|| self.base(&relation.component));
            related.push(Related { relation, base });
        }
        record::note(&mut self.schemas, names, record, &related);
    }

    /// `None` for what is always refused, and for another form of an operation that is there.
    fn operation(
        &mut self,
        place: &Place<'_>,
        method: &Method,
        names: &Names<'_>,
    ) -> Option<Map<String, Value>> {
        let answer = method.gives?;
        let id = names::operation(method.id, self.subject.name, place.endpoint.path) + &place.suffix;
        if !self.operations.insert(id.clone()) {
            return None;
        }
        let parameters: Vec<Value> = method
            .words
            .iter()
            .filter_map(|word| self.parameter(word))
            .collect();
        let mut operation = Map::new();
        operation.insert("summary".into(), json!(method.summary));
        operation.insert("operationId".into(), json!(id));
        operation.insert("tags".into(), json!([self.subject.name]));
        if !parameters.is_empty() {
            operation.insert("parameters".into(), json!(parameters));
        }
        if let Some(body) = method.takes {
            let is_new = method.verb == Verb::Post && body == Shape::Records;
            operation.insert("requestBody".into(), self.body(body, names, is_new));
        }
        let good = self.response(answer, names);
        let mut responses = json!({
            method.status.to_string(): good,
            "default": {"$ref": "#/components/responses/Error"},
        });
        if let Some(told) = method.tells {
            responses["200"] = self.response(told, names);
        }
        operation.insert("responses".into(), responses);
        Some(operation)
    }

    /// A word, noted once; of two words of one name the second stands where it is used.
    fn parameter(&mut self, word: &Word) -> Option<Value> {
        let parameter = components::parameter(word)?;
        let noted = self
            .parameters
            .entry(word.name)
            .or_insert_with(|| parameter.clone());
        match *noted == parameter {
            true => Some(json!({"$ref": format!("#/components/parameters/{}", word.name)})),
            false => Some(parameter),
        }
    }

    fn body(&mut self, shape: Shape, names: &Names<'_>, is_new: bool) -> Value {
        let (name, schema) = match is_new {
            true => (Some(names.created()), reference(&names.created())),
            false => (
                schema::named(shape, names, Direction::Request),
                self.schemas.of(shape, names, Direction::Request),
            ),
        };
        let body = || json!({"description": "What is sent.", "content": schema::content(shape, &schema)});
        let Some(name) = name else { return body() };
        self.bodies.entry(&name).or_insert_with(body);
        json!({"$ref": format!("#/components/requestBodies/{name}")})
    }

    fn response(&mut self, shape: Shape, names: &Names<'_>) -> Value {
        let schema = self.schemas.of(shape, names, Direction::Response);
        let response = || json!({"description": "It worked.", "content": schema::content(shape, &schema)});
        let Some(name) = schema::named(shape, names, Direction::Response) else {
            return response();
        };
        self.responses.entry(&name).or_insert_with(response);
        json!({"$ref": format!("#/components/responses/{name}")})
    }

    /// The document. Components that nothing refers to are left out.
    pub fn finish(mut self) -> Value {
        // Related records that the document does not describe itself.
        for base in self.bases.values().filter(|base| !self.noted.contains(*base)) {
            let names = Names {
                wrapper: self.subject.wrapper,
                base: base.clone(),
            };
            record::note(&mut self.schemas, &names, None, &[]);
        }
        for shape in [contract::shape::SUCCESS, contract::shape::RESOURCES] {
            let names = Names {
                wrapper: self.subject.wrapper,
                base: String::new(),
            };
            self.response(shape, &names);
        }
        self.schemas.all.insert("Error".into(), components::error());
        let error = components::content(&reference("Error"));
        self.responses.insert(
            "Error".into(),
            json!({"description": "It did not work.", "content": error}),
        );
        let mut document = self.subject.frame();
        document.insert(
            "components".into(),
            json!({
                "securitySchemes": components::security_schemes(),
                "parameters": self.parameters,
                "responses": self.responses,
                "schemas": self.schemas.all,
                "requestBodies": self.bodies,
            }),
        );
        document.insert("paths".into(), Value::Object(self.paths));
        let mut document = Value::Object(document);
        prune::unused(&mut document);
        document
    }
}

/// Whether an endpoint takes or gives records.
fn uses_records(endpoint: &Endpoint) -> bool {
    let is = |shape: Shape| match shape {
        Shape::Record | Shape::Records => true,
        Shape::Either(several) => several.contains(&Shape::Records),
        _ => false,
    };
    let shapes = endpoint
        .methods
        .iter()
        .flat_map(|method| [method.takes, method.gives]);
    shapes.flatten().any(is)
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{FieldKind, RecordField, word};

    static ENDPOINTS: &[Endpoint] = &[
        Endpoint {
            name: "records",
            path: "_table/{table_name}",
            methods: &[
                Method::new(Verb::Get, "get{S}TableRecords", "Read.", &[&word::FILTER]).gives(Shape::Records),
                Method::new(Verb::Post, "create{S}TableRecords", "Create.", &[])
                    .takes(Shape::Records)
                    .gives(Shape::Records)
                    .creates(),
                Method::refused(Verb::Put, "Refused."),
            ],
        },
        Endpoint {
            name: "another form",
            path: "_table/{table_name}/{rest*}",
            methods: &[Method::new(Verb::Get, "get{S}TableRecords", "Read.", &[])],
        },
    ];

    struct Reader;

    impl Sight for Reader {
        fn verbs(&self, form: &str) -> Verbs {
            match form.contains("secret") {
                true => Verbs::default(),
                false => Verbs::ALL,
            }
        }

        fn is_open(&self, _: &str, _: Verb) -> bool {
            false
        }
    }

    fn subject() -> Subject<'static> {
        Subject {
            name: "my_db",
            label: "My database",
            description: "",
            group: "Database",
            wrapper: "resource",
        }
    }

    #[test]
    fn another_form_and_what_is_refused_are_left_out() {
        let mut builder = Builder::new(subject(), &Reader);
        ENDPOINTS.iter().for_each(|endpoint| builder.add(endpoint, None));
        let document = builder.finish();
        let paths = document["paths"].as_object().unwrap();
        assert_eq!(paths.keys().collect::<Vec<_>>(), ["/_table/{table_name}"]);
        let item = &paths["/_table/{table_name}"];
        assert!(item.get("put").is_none());
        assert_eq!(item["get"]["operationId"], "getMyDbTableRecords");
        assert!(item["post"]["responses"].get("201").is_some());
        assert_eq!(document["components"]["parameters"]["filter"]["in"], "query");
    }

    #[test]
    fn names_of_tables_can_be_anything_and_closed_relations_are_not_shown() {
        let relation = |name: &str, table: &str| contract::RecordRelation {
            name: name.into(),
            kind: "has_many",
            many: true,
            field: "id".into(),
            component: format!("_table/{table}"),
            ref_field: "a_id".into(),
            junction: None,
            read_only: false,
        };
        let field = RecordField {
            name: "id".into(),
            type_name: "id",
            kind: FieldKind::Integer,
            description: None,
            nullable: false,
            required: true,
            read_only: false,
            is_key: true,
            max_length: None,
            choices: Vec::new(),
            reference: None,
        };
        let shape = RecordShape {
            description: None,
            fields: vec![field],
            relations: vec![relation("others", "b"), relation("hidden", "secret")],
        };
        let mut builder = Builder::new(subject(), &Reader);
        let names = ["a b", "a_b", "日本", "表", "a/{b}", "secret"];
        names
            .iter()
            .for_each(|name| builder.add_for(&ENDPOINTS[0], name, &shape));
        let document = builder.finish();
        let paths = document["paths"].as_object().unwrap();
        assert_eq!(paths.len(), names.len() - 1);
        let ids: HashSet<&str> = paths
            .values()
            .map(|item| item["get"]["operationId"].as_str().unwrap())
            .collect();
        assert_eq!(ids.len(), paths.len(), "{ids:?}");
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let new = schemas.keys().filter(|name| name.starts_with("New"));
        assert_eq!(new.count(), paths.len(), "{:?}", schemas.keys());
        assert!(!document.to_string().contains("hidden"));
    }
}
