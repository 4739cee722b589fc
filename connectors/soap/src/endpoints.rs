//! The endpoints of every SOAP service.

use contract::shape::{Object, member};
use contract::{Endpoint, Method, Shape, Verb, word};

static FUNCTION: Object = Object {
    name: "Function",
    members: &[
        member("name", Shape::Text, "Name of the function."),
        member("description", Shape::Text, "What it does."),
        member("requestType", Shape::Text, "Name of the element that is sent."),
        member("requestFields", Shape::Any, "Names and types of the arguments."),
        member(
            "responseType",
            Shape::Text,
            "Name of the element that comes back.",
        ),
        member(
            "responseFields",
            Shape::Any,
            "Names and types of the result's members.",
        ),
        member(
            "access",
            Shape::List(&Shape::Text),
            "Verbs that the caller may use.",
        ),
    ],
};

pub(crate) static ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        name: "root",
        path: "",
        methods: &[Method::new(
            Verb::Get,
            "get{S}Functions",
            "List the functions.",
            &[&word::AS_LIST, &word::AS_ACCESS_LIST, &word::REFRESH],
        )
        .gives(Shape::Wrapped(&Shape::Either(&[
            Shape::Object(&FUNCTION),
            Shape::Text,
        ])))],
    },
    Endpoint {
        name: "function",
        path: "{function}",
        methods: &[
            Method::new(
                Verb::Get,
                "get{S}Function",
                "Call a function with parameters as arguments.",
                &[],
            ),
            Method::new(Verb::Post, "call{S}Function", "Call a function.", &[]).takes(Shape::Any),
        ],
    },
];
