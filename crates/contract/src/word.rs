//! Every public word of the record and system API, once. The parser, the OpenAPI parameters and the reference
//! page read this list.

/// Whether text means yes: `1 true on yes y t`, in any case. Everything else means no.
pub fn truthy(text: &str) -> bool {
    ["1", "true", "on", "yes", "y", "t"]
        .iter()
        .any(|yes| text.trim().eq_ignore_ascii_case(yes))
}

/// The kind of a word's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordKind {
    /// Text.
    Text,
    /// Comma-separated list.
    List,
    /// Whole number.
    Integer,
    /// Yes or no.
    Boolean,
    /// Object of names and values.
    Object,
}

/// One public word: a query parameter, which may also stand in the body.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    /// The name that documents use.
    pub name: &'static str,
    /// Other names that are accepted.
    pub aliases: &'static [&'static str],
    /// Kind of value.
    pub kind: WordKind,
    /// Whether it may be a member of the body.
    pub in_body: bool,
    /// What it does, as a sentence.
    pub description: &'static str,
}

impl Word {
    /// The name and the aliases, in the order in which they are tried.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

macro_rules! words {
    ($($ident:ident = $name:literal [$($alias:literal),*] $kind:ident $in_body:literal $description:literal;)*) => {
        $(
            #[doc = $description]
            pub static $ident: Word = Word {
                name: $name, aliases: &[$($alias),*], kind: WordKind::$kind, in_body: $in_body, description: $description,
            };
        )*
        /// All words.
        pub static ALL: &[&Word] = &[$(&$ident),*];
    };
}

words! {
    FIELDS = "fields" ["select"] List true "Fields to return; '*' for all. Reading returns all by default, writing only the identifier.";
    RELATED = "related" [] List false "Relations to return with each record; '*' for all.";
    FILTER = "filter" ["where"] Text true "Condition that records must meet, in the filter language.";
    PARAMS = "params" [] Object true "Values for the ':name' placeholders of the filter.";
    LIMIT = "limit" ["top"] Integer true "Greatest number of records to return; never more than the service's maximum.";
    OFFSET = "offset" ["skip"] Integer true "Number of records to leave out at the start.";
    ORDER = "order" ["sort", "order_by"] Text true "Fields to sort by, each with an optional 'asc' or 'desc' and 'nulls first' or 'nulls last'.";
    AFTER = "after" [] Text true "Values of the order's fields in the last record seen, as a list or a JSON array; gives the records after it. Empty begins.";
    GROUP = "group" ["group_by"] List true "Fields to group by; 'fields' may then hold SUM, COUNT, AVG, MIN and MAX.";
    HAVING = "having" [] Text true "Condition on the groups, on the keys of the aggregates or the grouped fields.";
    COUNT_ONLY = "count_only" [] Boolean true "Return only the number of records that meet the filter.";
    INCLUDE_COUNT = "include_count" [] Boolean false "Add the number of records that meet the filter as meta.count.";
    INCLUDE_SCHEMA = "include_schema" [] Boolean false "Add the table's description as meta.schema.";
    IDS = "ids" [] List true "Identifiers of the records to act on.";
    ID_FIELD = "id_field" [] List false "Fields that identify a record, instead of the primary key.";
    ID_TYPE = "id_type" [] Text false "Type of the identifier; accepted for compatibility and not needed.";
    AS_LIST = "as_list" [] Boolean false "Return a list of identifiers instead of records.";
    AS_ACCESS_LIST = "as_access_list" [] Boolean false "Return the components that a role can grant.";
    INCLUDE_ACCESS = "include_access" [] Boolean false "Add the verbs that the caller may use to each entry.";
    CONTINUE = "continue" [] Boolean true "Go on with the other records when one fails.";
    ROLLBACK = "rollback" [] Boolean true "Undo everything when one record fails.";
    REFRESH = "refresh" [] Boolean false "Leave caches aside and renew them.";
    ALLOW_RELATED_DELETE = "allow_related_delete" [] Boolean false "Delete related records that are unlinked and cannot be without their record.";
    FORCE = "force" [] Boolean false "Delete all records of the table.";
    SCHEMA = "schema" [] Text false "Only names of this database schema.";
    CHECK_EXIST = "check_exist" [] Boolean false "Refuse to create a table that exists instead of merging into it.";
    WRAPPER = "wrapper" [] Text true "Key under which a procedure's data set is put.";
    RETURNS = "returns" [] Text true "Type of the one value that a procedure or function returns: the first column of the first row alone.";
    FILE = "file" [] Text false "Send the answer as a file of this name; its ending chooses the format.";
    ACCEPT = "accept" [] Text false "Media type of the answer, instead of the Accept header.";
    GROUPS = "group" [] List false "Only service types of these groups.";
    EXPAND_SCHEMA = "expand_schema" [] Boolean false "Describe each table in a document, instead of the form that all have.";
    COMPACT = "compact" [] Boolean false "Only the operations of a document, in a few words each.";
    RESOURCE_NAME = "resource_name" [] Text false "Only the paths of a document that are about this resource.";
    TABLES = "tables" [] Boolean false "Add the names of the tables to a document.";
    MODEL = "model" [] Boolean false "The tables, their fields and relations, instead of a document.";
    STOCK = "stock" [] Boolean false "Leave samples and counts out of the model.";
    FORMAT = "format" [] Text false "Form of a document: 'json' or 'yaml'.";
    OPENAPI = "openapi" [] Text false "Version of OpenAPI in which a document is written: '3.0' or '3.1'.";
    TEST = "test" [] Boolean false "Try the connection of the service that was sent, and store nothing.";
    SINCE_ID = "since_id" [] Integer false "Only calls after the one of this id.";
    SERVICE = "service" [] Text false "Only what is about this service.";
    VERB = "verb" [] Text false "Only calls with this verb.";
    STATUS = "status" [] Text false "Only calls with this status, such as 404, or of this class, such as 5xx.";
    USER_ID = "user_id" [] Integer false "Only calls of this user.";
    APP_ID = "app_id" [] Integer false "Only calls with the key of this app.";
    ROLE_ID = "role_id" [] Integer false "Only calls under this role.";
    PATH = "path" [] Text false "Only calls whose path or parameters contain this.";
    MIN_MS = "min_ms" [] Integer false "Only calls that took at least so many milliseconds.";
    RANGE = "range" [] Text false "The time that is told of: 'hour' or 'day'.";
    CHECK = "check" [] Boolean false "Connect to the services right now.";
    TYPE = "type" [] Text false "Only services of this type.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_is_yes_in_any_case() {
        assert!(["1", "TRUE", "On", "yes", "Y", "t"].iter().all(|t| truthy(t)));
        assert!(!["0", "false", "no", "", "2", "ja"].iter().any(|t| truthy(t)));
    }
}
