//! The endpoints of every source control service.

use contract::shape::{Object, RESOURCES, member};
use contract::word::WordKind;
use contract::{Endpoint, Method, Shape, Verb, Word, word};

const fn query_word(name: &'static str, kind: WordKind, description: &'static str) -> Word {
    Word {
        name,
        aliases: &[],
        kind,
        in_body: false,
        description,
    }
}

pub(crate) static PAGE: Word = query_word("page", WordKind::Integer, "Page of the list, from 1.");
pub(crate) static PER_PAGE: Word =
    query_word("per_page", WordKind::Integer, "Entries of a page. Default is 50.");
pub(crate) static BRANCH: Word = query_word(
    "branch",
    WordKind::Text,
    "Branch that is read. Default is 'master', or the repository's default branch where there is none of this name.",
);
pub(crate) static TAG: Word = query_word("tag", WordKind::Text, "Tag that is read, instead of a branch.");
pub(crate) static PATH: Word = query_word(
    "path",
    WordKind::Text,
    "Path of a file or folder in the repository.",
);
pub(crate) static CONTENT: Word = query_word(
    "content",
    WordKind::Boolean,
    "Return a file's content instead of what is known of it.",
);

static REPOSITORY: Object = Object {
    name: "Repository",
    members: &[member("name", Shape::Text, "Name of the repository.")],
};
const FOUND: Shape = Shape::Either(&[Shape::Wrapped(&Shape::Any), Shape::Any, Shape::Bytes]);

const fn reading(
    id: &'static str,
    summary: &'static str,
    words: &'static [&'static Word],
    gives: Shape,
) -> Method {
    Method::new(Verb::Get, id, summary, words).gives(gives)
}

pub(crate) static ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        name: "root",
        path: "",
        methods: &[reading(
            "get{S}Resources",
            "List all resources.",
            &[&word::AS_LIST, &word::AS_ACCESS_LIST, &word::FIELDS],
            RESOURCES,
        )],
    },
    Endpoint {
        name: "repositories",
        path: "_repo",
        methods: &[reading(
            "get{S}Repositories",
            "List the repositories.",
            &[&PAGE, &PER_PAGE, &word::AS_LIST, &word::FIELDS],
            Shape::Wrapped(&Shape::Either(&[Shape::Object(&REPOSITORY), Shape::Text])),
        )],
    },
    Endpoint {
        name: "repository",
        path: "_repo/{repo_name}",
        methods: &[reading(
            "get{S}Repository",
            "List the root of a repository, or read the path that is named.",
            &[&BRANCH, &TAG, &PATH, &CONTENT],
            FOUND,
        )],
    },
    Endpoint {
        name: "path",
        path: "_repo/{repo_name}/{path*}",
        methods: &[reading(
            "get{S}RepositoryPath",
            "Read a file, or list a folder, of a repository.",
            &[&BRANCH, &TAG, &CONTENT],
            FOUND,
        )],
    },
];
