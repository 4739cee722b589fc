//! The settings of an instance: one table of environment variables, from which values, defaults, refusals and the
//! output of `dreamwright config` are derived.

use crate::{MASK, Networks, truthy};

/// How a variable's text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Any text.
    Text,
    /// Text that is masked when shown.
    Secret,
    /// Yes or no.
    Boolean,
    /// A whole number from `.0` to `.1`.
    Number(u64, u64),
    /// One of these.
    Choice(&'static [&'static str]),
    /// Networks, separated by commas.
    Networks,
}

/// One environment variable.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Name.
    pub name: &'static str,
    /// Older names, tried after it.
    pub aliases: &'static [&'static str],
    /// How it is read.
    pub reading: Reading,
    /// Text used when it is not set. Empty means none.
    pub default: &'static str,
    /// What it does, as a sentence.
    pub meaning: &'static str,
}

macro_rules! settings {
    ($($field:ident: $type:ty = $name:literal [$($alias:literal),*] $reading:expr, $default:literal, $meaning:literal;)*) => {
        /// The values of all variables, read and checked.
        #[derive(Debug, Clone)]
        pub struct Settings {
            $(#[doc = $meaning] pub $field: $type,)*
        }

        /// All variables, in the order in which they are shown.
        pub static VARIABLES: &[Variable] = &[$(Variable {
            name: $name, aliases: &[$($alias),*], reading: $reading, default: $default, meaning: $meaning,
        }),*];

        impl Settings {
            /// Reads all variables through `get`. The error is one sentence that names the variable.
            pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Settings, String> {
                let text = |name: &'static str| -> Result<String, String> {
                    let variable = VARIABLES.iter().find(|v| v.name == name).expect("the macro lists every name");
                    variable.text(&get)
                };
                Ok(Settings { $($field: FromText::from_text(&text($name)?),)* })
            }

            /// The variables whose values are not the default, with their texts. What may hold secrets is masked.
            pub fn changed(&self) -> Vec<(&'static Variable, String)> {
                let texts = [$(self.$field.to_text()),*];
                VARIABLES.iter().zip(texts).filter_map(|(variable, text)| variable.if_changed(text)).collect()
            }
        }
    };
}

/// From checked text to a field; cannot fail because [`Variable::text`] has checked it.
trait FromText {
    fn from_text(text: &str) -> Self;

    /// Back again; empty for none.
    fn to_text(&self) -> String;
}

impl FromText for String {
    fn from_text(text: &str) -> Self {
        text.to_owned()
    }

    fn to_text(&self) -> String {
        self.clone()
    }
}

impl FromText for bool {
    fn from_text(text: &str) -> Self {
        truthy(text)
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

impl FromText for u64 {
    fn from_text(text: &str) -> Self {
        text.parse().unwrap_or_default()
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

impl FromText for Option<String> {
    fn from_text(text: &str) -> Self {
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn to_text(&self) -> String {
        self.clone().unwrap_or_default()
    }
}

impl FromText for Networks {
    fn from_text(text: &str) -> Self {
        text.parse().unwrap_or_default()
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

impl Variable {
    /// This variable with its text, unless that is the default; masked where it may hold a secret.
    fn if_changed(&'static self, text: String) -> Option<(&'static Variable, String)> {
        if text == self.default {
            return None;
        }
        // An address may hold a password before its host.
        let holds_login = text.contains("://") && text.contains('@');
        match self.reading {
            Reading::Secret => Some((self, MASK.to_owned())),
            _ if holds_login => Some((self, MASK.to_owned())),
            _ => Some((self, text)),
        }
    }

    /// The text of this variable, checked: its own value, an older name's, or the default.
    pub fn text(&self, get: &impl Fn(&str) -> Option<String>) -> Result<String, String> {
        let set = std::iter::once(&self.name)
            .chain(self.aliases)
            .find_map(|n| get(n).filter(|t| !t.is_empty()));
        let Some(text) = set else {
            return Ok(self.default.to_owned());
        };
        let wrong = |wanted: String| Err(format!("{} must be {wanted}, but it is '{text}'.", self.name));
        match self.reading {
            Reading::Text | Reading::Secret => {}
            Reading::Boolean => {
                let no = ["0", "false", "off", "no", "n", "f"]
                    .iter()
                    .any(|n| text.trim().eq_ignore_ascii_case(n));
                if !no && !truthy(&text) {
                    return wrong("true or false".into());
                }
            }
            Reading::Number(low, high) => match text.trim().parse::<u64>() {
                Ok(n) if (low..=high).contains(&n) => return Ok(n.to_string()),
                _ => return wrong(format!("a whole number from {low} to {high}")),
            },
            Reading::Networks => {
                if let Err(not_one) = text.parse::<Networks>() {
                    return Err(format!(
                        "{} must be a list of addresses and networks, such as 10.0.0.0/8, but {not_one}.",
                        self.name
                    ));
                }
            }
            Reading::Choice(names) => match names.iter().find(|n| n.eq_ignore_ascii_case(text.trim())) {
                Some(name) => return Ok((*name).to_owned()),
                None => return wrong(format!("one of {}", names.join(", "))),
            },
        }
        Ok(text)
    }
}

settings! {
    app_name: String = "APP_NAME" [] Reading::Text, "Dreamwright", "Name of the instance, used in mails and as {df.name}.";
    app_key: Option<String> = "APP_KEY" [] Reading::Secret, "", "Key for secrets at rest: base64 of 32 bytes, after an optional 'base64:'. Empty: made at the first start and kept in the data folder.";
    app_debug: bool = "APP_DEBUG" [] Reading::Boolean, "false", "Log every request with its timing; answers are the same.";
    app_url: String = "APP_URL" [] Reading::Text, "http://localhost", "Base of generated links when a request does not tell its own.";
    force_https: bool = "FORCE_HTTPS" [] Reading::Boolean, "false", "Generated links begin with https, whatever the request came by.";
    trusted_proxies: Networks = "DW_TRUSTED_PROXIES" [] Reading::Networks, "", "Networks of the proxies before this instance, such as 10.0.0.0/8, 127.0.0.1. Only they are believed when they say where a request comes from. Empty: nobody is.";
    install: String = "DF_INSTALL" [] Reading::Text, "Dreamwright", "How the instance was installed; shown by the status and the environment.";
    landing_page: Option<String> = "DF_LANDING_PAGE" [] Reading::Text, "", "Where the path / leads browsers to; a session_token goes along. Empty: the console, or a page of its own.";
    console_dir: Option<String> = "DW_CONSOLE_DIR" [] Reading::Text, "", "Folder from which the admin console is served while somebody works on it, such as console/dist. Empty: the console inside the program.";
    log_level: String = "APP_LOG_LEVEL" ["LOG_LEVEL"] Reading::Choice(&["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]), "info", "Least level of messages that are logged.";
    log_format: String = "DW_LOG_FORMAT" [] Reading::Choice(&["text", "json"]), "text", "Form of log lines.";
    api_route_prefix: String = "DF_API_ROUTE_PREFIX" [] Reading::Text, "api", "First segment of the paths of the API.";
    storage_route_prefix: Option<String> = "DF_STORAGE_ROUTE_PREFIX" [] Reading::Text, "", "First segment of the paths at which public files of file services are read without credentials. Empty: none, so that a path begins with the service.";
    status_route_prefix: String = "DF_STATUS_ROUTE_PREFIX" [] Reading::Text, "status", "Path of the public status.";
    xml_root: String = "DF_XML_ROOT" [] Reading::Text, "dfapi", "Root element of XML answers.";
    always_wrap_resources: bool = "DF_ALWAYS_WRAP_RESOURCES" [] Reading::Boolean, "true", "Wrap lists in an object.";
    resource_wrapper: String = "DF_RESOURCE_WRAPPER" [] Reading::Text, "resource", "Key of the wrapped list.";
    content_type: String = "DF_CONTENT_TYPE" [] Reading::Choice(&["application/json", "application/xml", "text/xml", "text/csv"]), "application/json", "Media type of answers when nothing is asked.";
    package_path: Option<String> = "DF_PACKAGE_PATH" [] Reading::Text, "", "A package, or a folder of packages, that is brought in once, at start; DW_PACKAGE_PASSWORD opens a secured one.";
    max_records_returned: u64 = "DB_MAX_RECORDS_RETURNED" ["DF_DB_MAX_RECORDS_RETURNED"] Reading::Number(1, 100_000_000), "100000", "Greatest number of records in one answer, over every service's own maximum.";
    related_in_one: bool = "DW_RELATED_IN_ONE" [] Reading::Boolean, "true", "Read related records in the statement of their parents where the database can and these are few.";
    date_format: Option<String> = "DF_DB_DATE_FORMAT" [] Reading::Text, "", "Form of dates in the records of database services, in date letters such as m/d/Y. Empty: as the database writes them.";
    time_format: Option<String> = "DF_DB_TIME_FORMAT" [] Reading::Text, "", "Form of times, such as h:i A.";
    datetime_format: Option<String> = "DF_DB_DATETIME_FORMAT" [] Reading::Text, "", "Form of values of the type datetime, such as m/d/Y h:i:s A.";
    timestamp_format: Option<String> = "DF_DB_TIMESTAMP_FORMAT" [] Reading::Text, "", "Form of values of the types timestamp, timestamptz, timestamp_on_create and timestamp_on_update, such as c.";
    lookup_modifiers: String = "DF_LOOKUP_MODIFIERS" [] Reading::Text, "strtoupper,strtolower,ucfirst,lcfirst,ucwords,urlencode,urldecode,rawurlencode,rawurldecode,base64_encode,base64_decode,trim", "Functions allowed in lookups.";
    login_attribute: String = "DF_LOGIN_ATTRIBUTE" [] Reading::Choice(&["email", "username"]), "email", "What users log in with.";
    jwt_secret: Option<String> = "JWT_SECRET" [] Reading::Secret, "", "Key that signs session tokens. Empty: made at the first start and kept in the data folder.";
    jwt_algorithm: String = "JWT_ALGO" [] Reading::Choice(&["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384"]), "HS256", "Algorithm that signs session tokens; no other is accepted. HS… sign with JWT_SECRET, RS… and ES… with a pair of keys.";
    jwt_private_key: Option<String> = "JWT_PRIVATE_KEY" [] Reading::Secret, "", "Key that signs session tokens with RS… and ES…: PEM, or file:// and the path of its file.";
    jwt_public_key: Option<String> = "JWT_PUBLIC_KEY" [] Reading::Text, "", "Key that checks them, in the same form; others can check with it too.";
    jwt_passphrase: Option<String> = "JWT_PASSPHRASE" [] Reading::Secret, "", "Passphrase of an encrypted JWT_PRIVATE_KEY.";
    jwt_user_claim: String = "DF_JWT_USER_CLAIM" [] Reading::Text, "", "Fields of the user that session tokens tell as well, separated by commas: of id, name, username, first_name, last_name, email, phone, is_sys_admin, last_login_date, default_app_id.";
    jwt_ttl: u64 = "DF_JWT_TTL" [] Reading::Number(1, 5_256_000), "1440", "Minutes until a session token expires.";
    jwt_refresh_ttl: u64 = "DF_JWT_REFRESH_TTL" [] Reading::Number(1, 5_256_000), "20160", "Minutes in which a session token can be refreshed.";
    allow_forever_sessions: bool = "DF_ALLOW_FOREVER_SESSIONS" [] Reading::Boolean, "false", "Honour remember_me at login.";
    confirm_code_length: u64 = "DF_CONFIRM_CODE_LENGTH" [] Reading::Number(5, 32), "32", "Signs of the codes that invitations, registrations and password resets are confirmed with.";
    confirm_code_ttl: u64 = "DF_CONFIRM_CODE_TTL" [] Reading::Number(1, 525_600), "1440", "Minutes for which such a code is good.";
    confirm_reset_url: String = "DF_CONFIRM_RESET_URL" [] Reading::Text, "/dreamfactory/dist/#/auth/reset-password", "Page that the link of a password reset opens; without a host it is below APP_URL.";
    confirm_invite_url: String = "DF_CONFIRM_INVITE_URL" [] Reading::Text, "/dreamfactory/dist/#/auth/user-invite", "Page that the link of an invitation opens; without a host it is below APP_URL.";
    confirm_register_url: String = "DF_CONFIRM_REGISTER_URL" [] Reading::Text, "/dreamfactory/dist/#/auth/register-confirm", "Page that the link of a registration opens; without a host it is below APP_URL.";
    oauth_cache_ttl: u64 = "OAUTH_CACHE_TTL" [] Reading::Number(30, 3600), "180", "Seconds within which a login that was begun at a provider must come back.";
    oauth_redirect_domains: String = "OAUTH_ALLOWED_REDIRECT_DOMAINS" [] Reading::Text, "", "Hosts, separated by commas, to which a client may ask to be led after a login at a provider; *.example.com stands for those below example.com. Empty: the host of APP_URL.";
    oauth_landing_url: String = "OAUTH_DEFAULT_REDIRECT_URL" [] Reading::Text, "/", "Where a browser is led after a login at a provider when the client asked for nothing; a session_token goes along.";
    oauth_console_url: String = "OAUTH_REDIRECT_URL" ["OAUTH_DEFAULT_REDIRECT_PATH"] Reading::Text, "/dreamfactory/dist/", "Where the console is led after such a login; a jwt goes along, or an error.";
    mail_host: Option<String> = "MAIL_HOST" ["SMTP_HOST"] Reading::Text, "", "SMTP server of the service type local_email. Empty: it cannot send.";
    mail_port: u64 = "MAIL_PORT" ["SMTP_PORT"] Reading::Number(1, 65_535), "587", "Port of that server.";
    mail_encryption: String = "MAIL_ENCRYPTION" ["SMTP_ENCRYPTION"] Reading::Choice(&["tls", "ssl", "none"]), "", "Encryption of that connection: 'tls' insists on STARTTLS, 'ssl' is TLS from the first byte, 'none' is none. Empty: STARTTLS where the server offers it.";
    mail_username: Option<String> = "MAIL_USERNAME" ["SMTP_USERNAME"] Reading::Text, "", "User name at that server.";
    mail_password: Option<String> = "MAIL_PASSWORD" ["SMTP_PASSWORD"] Reading::Secret, "", "Password at that server.";
    mail_from_address: Option<String> = "MAIL_FROM_ADDRESS" [] Reading::Text, "", "Sender of e-mails that name none.";
    mail_from_name: Option<String> = "MAIL_FROM_NAME" [] Reading::Text, "", "Name of that sender.";
    sqlite_storage: Option<String> = "DF_SQLITE_STORAGE" [] Reading::Text, "", "Folder of SQLite databases named without a path. Empty: 'databases' in the data folder.";
    admin_email: Option<String> = "DW_ADMIN_EMAIL" [] Reading::Text, "", "E-mail of the first administrator, made at the first start when there is none.";
    admin_password: Option<String> = "DW_ADMIN_PASSWORD" [] Reading::Secret, "", "Password of the first administrator, at least 16 characters.";
    outbound_networks: Networks = "DW_OUTBOUND_NETWORKS" [] Reading::Networks, "", "Networks that files may be fetched from although they are private, local or not for use, such as 10.1.0.0/16. Empty: none.";
    max_body_bytes: u64 = "DW_MAX_BODY_BYTES" [] Reading::Number(1024, 17_179_869_184), "104857600", "Greatest size of a request body.";
    max_upload_bytes: u64 = "DW_MAX_UPLOAD_BYTES" [] Reading::Number(1024, 1_099_511_627_776), "1073741824", "Greatest size of a body that is sent to a file service or on to another server, and of a file that is fetched for one or unpacked from an archive.";
    max_json_depth: u64 = "DW_MAX_JSON_DEPTH" [] Reading::Number(4, 120), "64", "Greatest nesting of a request body.";
    max_header_bytes: u64 = "DW_MAX_HEADER_BYTES" [] Reading::Number(8192, 1_048_576), "65536", "Greatest size of a request's headers.";
    header_timeout: u64 = "DW_HEADER_TIMEOUT" [] Reading::Number(1, 3600), "15", "Seconds in which a request's headers must arrive.";
    request_timeout: u64 = "DW_REQUEST_TIMEOUT" [] Reading::Number(1, 86_400), "60", "Seconds after which an unfinished request is answered with 504.";
    shutdown_timeout: u64 = "DW_SHUTDOWN_TIMEOUT" [] Reading::Number(0, 3600), "20", "Seconds that running requests are given at shutdown.";
    pool_size: u64 = "DW_POOL_SIZE" [] Reading::Number(1, 1000), "16", "Connections a database service keeps at most.";
    pool_wait: u64 = "DW_POOL_WAIT" [] Reading::Number(1, 600), "5", "Seconds to wait for a free connection before answering 503.";
    limit_cache_driver: String = "LIMIT_CACHE_DRIVER" ["DF_LIMITS_CACHE_STORE"] Reading::Choice(&["memory", "file", "redis"]), "memory", "Where the counters of rate limits are kept: in the memory of this node ('file' means the same), or in Redis for several nodes.";
    limit_cache_host: String = "LIMIT_CACHE_HOST" [] Reading::Text, "127.0.0.1", "Host of the Redis server for the counters of rate limits.";
    limit_cache_port: u64 = "LIMIT_CACHE_PORT" [] Reading::Number(1, 65_535), "6379", "Its port.";
    limit_cache_username: Option<String> = "LIMIT_CACHE_USERNAME" [] Reading::Text, "", "User to log in there with; empty for the default user.";
    limit_cache_password: Option<String> = "LIMIT_CACHE_PASSWORD" [] Reading::Secret, "", "Password to log in there with.";
    limit_cache_database: u64 = "LIMIT_CACHE_DATABASE" [] Reading::Number(0, 65_535), "9", "Number of the database there.";
    limit_cache_prefix: String = "LIMIT_CACHE_PREFIX" [] Reading::Text, "dreamwright", "What the keys there begin with; nodes that share a prefix share their counters.";
    limit_cache_tls: bool = "LIMIT_CACHE_TLS" [] Reading::Boolean, "false", "Whether to speak TLS with that server.";
    limit_outage: String = "DW_LIMIT_OUTAGE" [] Reading::Choice(&["open", "closed"]), "open", "What happens to limited calls while the shared counters cannot be reached: 'open' lets them pass uncounted, 'closed' answers 503.";
    db_connection: Option<String> = "DB_CONNECTION" [] Reading::Text, "", "Kind of the system database: the name of a database connector, for several nodes that share it. Empty: a file in the data folder, for one node.";
    db_host: Option<String> = "DB_HOST" [] Reading::Text, "127.0.0.1", "Host of the system database.";
    db_port: u64 = "DB_PORT" [] Reading::Number(0, 65_535), "0", "Its port; 0 is the usual one.";
    db_database: String = "DB_DATABASE" [] Reading::Text, "dreamwright", "Name of the system database; it must exist.";
    db_username: Option<String> = "DB_USERNAME" [] Reading::Text, "", "User of the system database, who may create tables.";
    db_password: Option<String> = "DB_PASSWORD" [] Reading::Secret, "", "Password of that user.";
    db_tls: Option<String> = "DW_DB_TLS" [] Reading::Choice(&["disable", "prefer", "require", "verify-ca", "verify-full"]), "prefer", "Encryption of the connections to the system database.";
    audit_days: u64 = "DW_AUDIT_DAYS" [] Reading::Number(0, 36_500), "90", "Days that records of the audit are kept; 0 keeps none.";
    request_log: u64 = "DW_REQUEST_LOG" [] Reading::Number(0, 100_000), "2000", "Latest calls that are kept in memory for system/request_log; 0 keeps none.";
    server_timing: bool = "DW_SERVER_TIMING" [] Reading::Boolean, "false", "Send Server-Timing with every answer, not only to callers that send 'X-Server-Timing: true'.";
    admin_listen: Option<String> = "DW_ADMIN_LISTEN" [] Reading::Text, "", "Address and port for operators, with /metrics, /live and /ready, such as 127.0.0.1:9090. It asks for no credentials. Empty: there is none.";
    scripting_disable: String = "DF_SCRIPTING_DISABLE" [] Reading::Text, "", "Types of scripts that cannot be stored or run, separated by commas; 'all' means every type.";
    traces_endpoint: Option<String> = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" [] Reading::Text, "", "URL to which traces are sent as OTLP over HTTP, such as http://127.0.0.1:4318/v1/traces. Empty: there are no traces.";
    traces_headers: Option<String> = "OTEL_EXPORTER_OTLP_TRACES_HEADERS" ["OTEL_EXPORTER_OTLP_HEADERS"] Reading::Secret, "", "Headers sent along, as name=value, separated by commas; values percent-encoded.";
    traces_percent: u64 = "DW_TRACES_PERCENT" [] Reading::Number(0, 100), "100", "Share of the requests without a traceparent header that are traced. With one, the caller has decided.";
    traces_service: String = "OTEL_SERVICE_NAME" [] Reading::Text, "dreamwright", "Name of this service in traces.";
    connect_timeout: u64 = "DW_CONNECT_TIMEOUT" [] Reading::Number(1, 600), "5", "Seconds to wait for a database to accept a connection.";
}

impl Settings {
    /// `APP_URL` without a slash at its end, as links begin that no request is the reason of.
    pub fn public_url(&self) -> String {
        let url = self.app_url.trim_end_matches('/');
        match url.strip_prefix("http://").filter(|_| self.force_https) {
            Some(rest) => format!("https://{rest}"),
            None => url.to_owned(),
        }
    }

    /// Whether lookups may use a function.
    pub fn allows_modifier(&self, name: &str) -> bool {
        self.lookup_modifiers.split(',').any(|known| known.trim() == name)
    }

    /// Whether scripts of a type may neither be stored nor run.
    pub fn disables_scripts(&self, kind: &str) -> bool {
        let names = self.scripting_disable.split(',').map(str::trim);
        let mut named = names.filter(|name| !name.is_empty());
        named.any(|name| name.eq_ignore_ascii_case("all") || name.eq_ignore_ascii_case(kind))
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings::read(|_| None).expect("every default is valid; a test reads them")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_valid_and_bad_values_are_refused_with_the_name() {
        assert_eq!(Settings::default().jwt_ttl, 1440);
        let bad = Settings::read(|name| (name == "DF_JWT_TTL").then(|| "soon".into()));
        assert_eq!(
            bad.unwrap_err(),
            "DF_JWT_TTL must be a whole number from 1 to 5256000, but it is 'soon'."
        );
    }

    #[test]
    fn what_is_not_the_default_is_told_without_secrets() {
        assert!(Settings::default().changed().is_empty());
        let set = |name: &str| match name {
            "JWT_SECRET" => Some("hunter2".into()),
            "DF_JWT_TTL" => Some("7".into()),
            "APP_DEBUG" => Some("yes".into()),
            "DW_TRUSTED_PROXIES" => Some("10.0.0.0/8 ::1".into()),
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" => Some("http://me:hunter2@host/v1".into()),
            _ => None,
        };
        let changed = Settings::read(set)
            .map(|settings| settings.changed())
            .unwrap_or_default();
        let texts: Vec<_> = changed.iter().map(|(v, text)| (v.name, text.as_str())).collect();
        assert_eq!(
            texts,
            [
                ("APP_DEBUG", "true"),
                ("DW_TRUSTED_PROXIES", "10.0.0.0/8, ::1/128"),
                ("JWT_SECRET", MASK),
                ("DF_JWT_TTL", "7"),
                ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", MASK)
            ]
        );
    }

    #[test]
    fn older_names_count() {
        let settings = Settings::read(|name| (name == "DF_DB_MAX_RECORDS_RETURNED").then(|| "7".into()));
        assert_eq!(settings.map(|s| s.max_records_returned), Ok(7));
    }
}
