//! The endpoints of every file service.

use crate::words::{
    AS_ACCESS_LIST, AS_LIST, CHECK_EXIST, CLEAN, CONTENT, CONTENT_ONLY, DOWNLOAD, EXTRACT, FIELDS, FILENAME,
    FORCE, FULL_TREE, ID_FIELD, INCLUDE_FILES, INCLUDE_FOLDERS, INCLUDE_PROPERTIES, IS_BASE64, NO_CHECK,
    SEARCH, URL, ZIP,
};
use contract::shape::{Object, member};
use contract::{Endpoint, Method, Shape, Verb, Word};

const FOLDER_READ: &[&Word] = &[
    &AS_LIST,
    &INCLUDE_FOLDERS,
    &INCLUDE_FILES,
    &FULL_TREE,
    &SEARCH,
    &FIELDS,
    &ID_FIELD,
    &ZIP,
    &INCLUDE_PROPERTIES,
];
const ROOT_READ: &[&Word] = &[
    &AS_LIST,
    &AS_ACCESS_LIST,
    &INCLUDE_FOLDERS,
    &INCLUDE_FILES,
    &FULL_TREE,
    &SEARCH,
    &FIELDS,
    &ID_FIELD,
    &ZIP,
    &INCLUDE_PROPERTIES,
];
const FOLDER_WRITE: &[&Word] = &[&URL, &FILENAME, &EXTRACT, &CLEAN, &CHECK_EXIST];
const FILE_WRITE: &[&Word] = &[&EXTRACT, &CLEAN, &CHECK_EXIST];
const FOLDER_REMOVE: &[&Word] = &[&FORCE, &CONTENT_ONLY, &NO_CHECK];

/// A folder or a file in a list.
static RESOURCE: Object = Object {
    name: "FileOrFolder",
    members: &[
        member(
            "path",
            Shape::Text,
            "Path from the root of the service; of a folder with a slash at its end.",
        ),
        member("name", Shape::Text, "Name, from the folder that was asked for."),
        member("type", Shape::Text, "'folder' or 'file'."),
        member("content_type", Shape::Text, "Media type of a file."),
        member("content_length", Shape::Integer, "Bytes of a file."),
        member(
            "last_modified",
            Shape::Text,
            "When it was last changed, as in HTTP headers.",
        ),
    ],
};
/// What was made, replaced or removed.
static CHANGED: Object = Object {
    name: "ChangedFileOrFolder",
    members: &[
        member("name", Shape::Text, "Name."),
        member("path", Shape::Text, "Path from the root of the service."),
        member("type", Shape::Text, "'folder' or 'file'."),
    ],
};
/// An entry of a list of what is to be made.
static CREATED: Object = Object {
    name: "NewFileOrFolder",
    members: &[
        member("name", Shape::Text, "Name in the folder."),
        member(
            "path",
            Shape::Text,
            "Path from the root of the service, instead of the name.",
        ),
        member("type", Shape::Text, "'folder' or 'file'."),
        member("content", Shape::Text, "Content of a file."),
        member("is_base64", Shape::Boolean, "Whether the content is in base64."),
        member("source_path", Shape::Text, "Path of what is copied."),
        member("delete_source", Shape::Boolean, "Whether it is moved instead."),
    ],
};
/// An entry of a list of what is to be removed.
static REMOVED: Object = Object {
    name: "RemovedFileOrFolder",
    members: &[
        member("name", Shape::Text, "Name in the folder."),
        member(
            "path",
            Shape::Text,
            "Path from the root of the service, instead of the name.",
        ),
        member("type", Shape::Text, "'folder' or 'file'."),
    ],
};

const LISTING: Shape = Shape::Wrapped(&Shape::Object(&RESOURCE));
const ENTRY: Shape = Shape::Object(&CHANGED);
const NEW: Shape = Shape::Wrapped(&Shape::Object(&CREATED));
const DOOMED: Shape = Shape::Wrapped(&Shape::Object(&REMOVED));
/// What writing into a folder and deleting it answers: one thing, or a list.
const WRITTEN: Shape = Shape::Either(&[ENTRY, Shape::Wrapped(&ENTRY)]);

/// What is made in the root and in folders has the same forms.
const fn making(verb: Verb, id: &'static str, summary: &'static str) -> Method {
    Method::new(verb, id, summary, FOLDER_WRITE)
        .takes(NEW)
        .gives(WRITTEN)
        .creates()
}

const fn patching(id: &'static str, summary: &'static str) -> Method {
    Method::new(Verb::Patch, id, summary, &[])
        .takes(Shape::Any)
        .gives(contract::shape::SUCCESS)
}

const fn writing(verb: Verb, id: &'static str, summary: &'static str) -> Method {
    Method::new(verb, id, summary, FILE_WRITE)
        .takes(Shape::Bytes)
        .gives(ENTRY)
        .creates()
}

const CREATE_CONTENT: (&str, &str) = ("create{S}Content", "Create some folders and/or files.");
const CREATE_FOLDER: (&str, &str) = ("create{S}Folder", "Create a folder and/or add content.");

/// All endpoints. PUT is POST everywhere, and is told of only where it has a meaning of its own for people.
pub(crate) static ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        name: "root",
        path: "",
        methods: &[
            Method::new(Verb::Get, "get{S}Resources", "List all resources.", ROOT_READ).gives(LISTING),
            making(Verb::Post, CREATE_CONTENT.0, CREATE_CONTENT.1),
            making(Verb::Put, CREATE_CONTENT.0, CREATE_CONTENT.1).without_event(),
            patching("update{S}ContainerProperties", "Update container properties."),
            Method::new(
                Verb::Delete,
                "delete{S}Content",
                "Delete some container contents.",
                FOLDER_REMOVE,
            )
            .takes(DOOMED)
            .gives(Shape::Wrapped(&ENTRY)),
        ],
    },
    Endpoint {
        name: "folder",
        path: "{folder_path*}/",
        methods: &[
            Method::new(
                Verb::Get,
                "get{S}Folder",
                "List the folder's content, including properties.",
                FOLDER_READ,
            )
            .gives(LISTING),
            making(Verb::Post, CREATE_FOLDER.0, CREATE_FOLDER.1),
            making(Verb::Put, CREATE_FOLDER.0, CREATE_FOLDER.1).without_event(),
            patching("update{S}FolderProperties", "Update folder properties."),
            Method::new(
                Verb::Delete,
                "delete{S}Folder",
                "Delete one folder and/or its contents.",
                FOLDER_REMOVE,
            )
            .takes(DOOMED)
            .gives(WRITTEN),
        ],
    },
    Endpoint {
        name: "file",
        path: "{file_path*}",
        methods: &[
            Method::new(
                Verb::Get,
                "get{S}File",
                "Download the file contents and/or its properties.",
                &[&INCLUDE_PROPERTIES, &CONTENT, &IS_BASE64, &DOWNLOAD],
            )
            .gives(Shape::Bytes),
            writing(Verb::Post, "create{S}File", "Create a new file."),
            writing(Verb::Put, "replace{S}File", "Update content of the file."),
            patching("update{S}FileProperties", "Update properties of the file."),
            Method::new(Verb::Delete, "delete{S}File", "Delete one file.", &[&NO_CHECK]).gives(ENTRY),
        ],
    },
];
