//! The endpoints of every HTTP service: all verbs, at the base and at every path below it.

use contract::{Endpoint, Method, Shape, Verb, Word, word};

const fn calling(verb: Verb, id: &'static str, summary: &'static str) -> Method {
    Method::new(verb, id, summary, &[]).takes(Shape::Any)
}

const fn reading(id: &'static str, summary: &'static str, words: &'static [&'static Word]) -> Method {
    Method::new(Verb::Get, id, summary, words)
}

pub(crate) static ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        name: "root",
        path: "",
        methods: &[
            reading(
                "get{S}",
                "Read the remote service's root.",
                &[&word::AS_ACCESS_LIST],
            ),
            calling(Verb::Post, "create{S}", "POST to the remote service's root."),
            calling(Verb::Put, "replace{S}", "PUT to the remote service's root."),
            calling(Verb::Patch, "update{S}", "PATCH the remote service's root."),
            calling(Verb::Delete, "delete{S}", "DELETE the remote service's root."),
        ],
    },
    Endpoint {
        name: "path",
        path: "{path*}",
        methods: &[
            reading("get{S}Path", "Read a path of the remote service.", &[]),
            calling(
                Verb::Post,
                "create{S}Path",
                "POST to a path of the remote service.",
            ),
            calling(
                Verb::Put,
                "replace{S}Path",
                "PUT to a path of the remote service.",
            ),
            calling(
                Verb::Patch,
                "update{S}Path",
                "PATCH a path of the remote service.",
            ),
            calling(
                Verb::Delete,
                "delete{S}Path",
                "DELETE a path of the remote service.",
            ),
        ],
    },
];
