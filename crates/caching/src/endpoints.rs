//! The endpoints of every cache service, and their query parameters.

use contract::shape::{Object, SUCCESS, member};
use contract::word::WordKind;
use contract::{Endpoint, Method, Shape, Verb, Word};

const fn word(
    name: &'static str,
    aliases: &'static [&'static str],
    kind: WordKind,
    description: &'static str,
) -> Word {
    Word {
        name,
        aliases,
        kind,
        in_body: false,
        description,
    }
}

/// See its description.
pub(crate) static TTL: Word = word(
    "ttl",
    &[],
    WordKind::Integer,
    "Seconds that the value is kept; 0 for ever, -1 as long as the service's configuration says, which is the default.",
);
/// See its description.
pub(crate) static FOREVER: Word = word(
    "forever",
    &[],
    WordKind::Boolean,
    "Keep the value until it is deleted.",
);
/// See its description.
pub(crate) static DEFAULT: Word = word(
    "default",
    &[],
    WordKind::Text,
    "What to answer when the key has no value.",
);
/// See its description.
pub(crate) static CLEAR: Word = word(
    "clear",
    &["pull"],
    WordKind::Boolean,
    "Delete the value that is read.",
);
/// See its description.
pub(crate) static AS_LIST: Word = word("as_list", &[], WordKind::Boolean, "Return a plain list of keys.");
/// See its description.
pub(crate) static AS_ACCESS_LIST: Word = word(
    "as_access_list",
    &[],
    WordKind::Boolean,
    "Return the components that a role can grant.",
);

static KEYS: Object = Object {
    name: "CacheKey",
    members: &[member("key", Shape::Text, "The key.")],
};
const LISTED: Shape = Shape::Wrapped(&Shape::Either(&[Shape::Object(&KEYS), Shape::Text]));
const LIFE: &[&Word] = &[&TTL, &FOREVER];

const fn replacing(verb: Verb, id: &'static str, summary: &'static str) -> Method {
    Method::new(verb, id, summary, LIFE).takes(Shape::Any)
}

/// All endpoints.
pub(crate) static ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        name: "root",
        path: "",
        methods: &[
            Method::new(
                Verb::Get,
                "get{S}Keys",
                "List the keys that have a value.",
                &[&AS_LIST, &AS_ACCESS_LIST],
            )
            .gives(LISTED),
            Method::new(
                Verb::Post,
                "create{S}Values",
                "Store the values of keys that have none, all of them or nothing.",
                LIFE,
            )
            .takes(Shape::Any)
            .gives(SUCCESS)
            .creates(),
            replacing(Verb::Put, "replace{S}Values", "Store the values of keys.").gives(SUCCESS),
            replacing(Verb::Patch, "update{S}Values", "Store the values of keys.").gives(SUCCESS),
            Method::new(Verb::Delete, "flush{S}", "Delete the values of all keys.", &[]).gives(SUCCESS),
        ],
    },
    Endpoint {
        name: "key",
        path: "{key_name*}",
        methods: &[
            Method::new(
                Verb::Get,
                "get{S}Value",
                "Read the value of a key.",
                &[&DEFAULT, &CLEAR],
            ),
            Method::new(
                Verb::Post,
                "create{S}Value",
                "Store the value of a key that has none.",
                LIFE,
            )
            .takes(Shape::Any)
            .creates(),
            replacing(Verb::Put, "replace{S}Value", "Store the value of a key."),
            replacing(Verb::Patch, "update{S}Value", "Store the value of a key."),
            Method::new(Verb::Delete, "delete{S}Value", "Delete the value of a key.", &[]).gives(SUCCESS),
        ],
    },
];
