//! The types that an event script can have.

/// A script type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScriptType {
    /// Name in `type`.
    pub name: &'static str,
    /// Label for people.
    pub label: &'static str,
    /// What it is, as a sentence.
    pub description: &'static str,
}

/// All types, in the order of their names.
pub static SCRIPT_TYPES: [ScriptType; 4] = [
    ScriptType {
        name: "nodejs",
        label: "Node.js",
        description: "Server-side JavaScript handler using the Node.js engine.",
    },
    ScriptType {
        name: "php",
        label: "PHP",
        description: "Script handler using native PHP.",
    },
    ScriptType {
        name: "python",
        label: "Python",
        description: "Script handler using native Python.",
    },
    ScriptType {
        name: "python3",
        label: "Python3",
        description: "Script handler using native Python3.",
    },
];

/// A type by its name.
pub fn find(name: &str) -> Option<&'static ScriptType> {
    SCRIPT_TYPES.iter().find(|kind| kind.name == name)
}
