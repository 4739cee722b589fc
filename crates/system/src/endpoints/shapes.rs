//! What the bodies of the resources hold that are no tables.

use contract::shape::{Object, RESOURCE, Shape, member};

const TEXT: Shape = Shape::Maybe(&Shape::Text);

/// A list of objects.
pub(super) const LISTED: Shape = Shape::Wrapped(&RESOURCE);

pub(super) const CREDENTIALS: Shape = Shape::Object(&Object {
    name: "SessionRequest",
    members: &[
        member("email", Shape::Text, "E-mail address of the user."),
        member(
            "username",
            Shape::Text,
            "Name of the user, where logins are by name.",
        ),
        member("password", Shape::Text, "Password."),
        member(
            "remember_me",
            Shape::Boolean,
            "Whether the session may be renewed for ever, where that is allowed.",
        ),
    ],
});

pub(super) const SESSION_OF_USER: Shape = Shape::Object(&Object {
    name: "SessionResponse",
    members: &[
        member("session_token", TEXT, "The token to send with other calls."),
        member("session_id", TEXT, "The same token."),
        member("id", Shape::Integer, "Id of the user."),
        member("name", TEXT, "Name for people."),
        member("first_name", TEXT, "First name."),
        member("last_name", TEXT, "Last name."),
        member("email", TEXT, "E-mail address."),
        member(
            "is_sys_admin",
            Shape::Boolean,
            "Whether this is an administrator.",
        ),
        member("last_login_date", TEXT, "Time of the login."),
        member("host", TEXT, "Name of the server."),
        member("token_expiry_date", TEXT, "Time at which the token expires."),
        member("role", TEXT, "Name of the role."),
        member("role_id", Shape::Maybe(&Shape::Integer), "Id of the role."),
    ],
});

pub(super) const PASSWORD_CHANGE: Shape = Shape::Object(&Object {
    name: "PasswordRequest",
    members: &[
        member("old_password", Shape::Text, "The password until now."),
        member("new_password", Shape::Text, "The password from now on."),
        member("email", Shape::Text, "Whose password is recovered."),
        member(
            "username",
            Shape::Text,
            "Whose password is recovered, where logins are by name.",
        ),
        member("code", Shape::Text, "The code that was sent."),
        member(
            "security_answer",
            Shape::Text,
            "The answer to the security question.",
        ),
        member("reset", Shape::Boolean, "Whether to begin the recovery."),
        member("login", Shape::Boolean, "Whether to log in at once."),
    ],
});

pub(super) const PROFILE_OF_USER: Shape = Shape::Object(&Object {
    name: "Profile",
    members: &[
        member("username", TEXT, "Login name."),
        member("first_name", TEXT, "First name."),
        member("last_name", TEXT, "Last name."),
        member("name", TEXT, "Name for people."),
        member("email", TEXT, "E-mail address."),
        member("phone", TEXT, "Telephone number."),
        member(
            "security_question",
            TEXT,
            "Question whose answer recovers the password.",
        ),
        member(
            "default_app_id",
            Shape::Maybe(&Shape::Integer),
            "Id of the app to begin with.",
        ),
    ],
});

pub(super) const REGISTRATION: Shape = Shape::Object(&Object {
    name: "RegisterRequest",
    members: &[
        member("email", Shape::Text, "E-mail address."),
        member("first_name", Shape::Text, "First name."),
        member("last_name", Shape::Text, "Last name."),
        member("name", Shape::Text, "Name for people."),
        member("username", Shape::Text, "Login name."),
        member("phone", Shape::Text, "Telephone number."),
        member(
            "security_question",
            Shape::Text,
            "Question whose answer recovers the password.",
        ),
        member("security_answer", Shape::Text, "The answer to it."),
        member("password", Shape::Text, "Password."),
        member("password_confirmation", Shape::Text, "The password once more."),
    ],
});

/// Rows of CSV text, as the door reads them.
pub(super) const CSV_ROWS: Shape = Shape::Wrapped(&Shape::Any);

pub(super) const TRIED_CONNECTION: Shape = Shape::Object(&Object {
    name: "TriedConnection",
    members: &[
        member("success", Shape::Boolean, "True: the connection can be made."),
        member(
            "product",
            Shape::Text,
            "Kind of server; empty where there is none.",
        ),
        member(
            "tables",
            Shape::List(&Shape::Text),
            "Names of its tables, at most 1000.",
        ),
        member("note", TEXT, "What else is worth knowing."),
    ],
});
