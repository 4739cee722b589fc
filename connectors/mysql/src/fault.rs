//! From the server's error numbers to kinds of fault.

use driver::{Fault, FaultKind, Trouble};
use mysql_async::{DriverError, Error, IoError, ServerError};

/// What an error means. Errors that are not the server's answer mean that the connection is gone.
pub(crate) fn fault(error: &Error) -> Fault {
    let kind = match error {
        Error::Server(server) => return of_server(server),
        Error::Driver(driver) => of_driver(driver),
        Error::Io(_) => FaultKind::Down,
        Error::Other(_) | Error::Url(_) => FaultKind::Other,
    };
    Fault::new(kind, error)
}

/// Like [`fault`], for what happens while a connection is made.
pub(crate) fn connect_fault(error: &Error) -> Fault {
    fault(error).with_trouble(trouble(error))
}

/// Why the connection could not be made, where the error tells.
fn trouble(error: &Error) -> Option<&'static Trouble> {
    static TLS: Trouble = Trouble::tls(&["ssl_mode", "ssl_ca"]);
    Some(match error {
        Error::Server(server) => match server.code {
            1045 | 1698 | 1862 => &Trouble::CREDENTIALS,
            1130 | 1251 | 1524 | 3118 | 4151 => &Trouble::NOT_ADMITTED,
            1044 => &Trouble::NO_ACCESS,
            1049 => &Trouble::DATABASE,
            1040 | 1203 | 1226 => &Trouble::FULL,
            _ => return None,
        },
        _ if is_tls(error) => &TLS,
        Error::Io(IoError::Io(error)) => return Trouble::of_io(error),
        Error::Driver(DriverError::ConnectionClosed | DriverError::PacketOutOfOrder) => &Trouble::FOREIGN,
        _ => return None,
    })
}

/// Whether encryption was not possible: the server has none, or only kinds that are no longer spoken.
pub(crate) fn is_tls(error: &Error) -> bool {
    match error {
        Error::Driver(DriverError::NoClientSslFlagFromServer) | Error::Io(IoError::Tls(_)) => true,
        Error::Io(IoError::Io(error)) => error.kind() == std::io::ErrorKind::InvalidData,
        _ => false,
    }
}

/// Whether the connection can go on after this error. After 1153, a statement larger than the server takes, it
/// cannot: the server leaves the rest of it unread.
pub(crate) fn is_survivable(error: &Error) -> bool {
    matches!(error, Error::Server(server)
        if server.code != 1153 && kind(server.code, &server.state) != FaultKind::Down)
}

/// Whether the server can run the statement, but not prepare it.
pub(crate) fn is_unpreparable(error: &Error) -> bool {
    matches!(error, Error::Server(server) if server.code == 1295)
}

fn of_driver(error: &DriverError) -> FaultKind {
    match error {
        DriverError::PacketTooLarge => FaultKind::Value,
        DriverError::UnknownAuthPlugin { .. }
        | DriverError::MysqlOldPasswordDisabled
        | DriverError::CleartextPluginDisabled => FaultKind::Login,
        DriverError::ConnectionClosed
        | DriverError::PacketOutOfOrder
        | DriverError::UnexpectedPacket { .. }
        | DriverError::BadCompressedPacketHeader
        | DriverError::NoClientSslFlagFromServer => FaultKind::Down,
        _ => FaultKind::Other,
    }
}

fn of_server(error: &ServerError) -> Fault {
    // The state that SIGNAL uses for what a routine's author wants to say.
    if error.state == "45000" {
        return Fault::new(FaultKind::Raised, error).with_detail(Some(error.message.to_string()));
    }
    let kind = kind(error.code, &error.state);
    let detail = match kind {
        FaultKind::NotNull | FaultKind::Value | FaultKind::NoColumn => column(&error.message),
        FaultKind::Check if matches!(error.code, 4025 | 3819) => quoted(&error.message),
        _ => None,
    };
    Fault::new(kind, error)
        .with_detail(detail)
        .with_state(error.state.as_str())
}

/// The kind of an error number; numbers of MySQL and MariaDB do not contradict each other here. What is not
/// listed is told by its SQLSTATE.
fn kind(code: u16, state: &str) -> FaultKind {
    match code {
        1062 | 1169 | 1586 => FaultKind::Duplicate,
        1216 | 1217 | 1451 | 1452 | 1557 => FaultKind::Reference,
        1048 | 1263 | 1364 => FaultKind::NotNull,
        // Besides rules of tables: rows that would fall out of their view.
        4025 | 3819 | 1369 => FaultKind::Check,
        // Views that do not lead to one row of one table.
        1288 | 1348 | 1393..=1395 | 1471 => FaultKind::ReadOnly,
        1146 | 1051 => FaultKind::NoTable,
        1054 => FaultKind::NoColumn,
        1142 | 1143 | 1227 | 1370 | 1095 => FaultKind::Permission,
        1044 | 1045 | 1049 | 1130 | 1251 | 1524 | 1698 | 1862 | 3118 | 4151 => FaultKind::Login,
        1040 | 1203 | 1205 | 1226 => FaultKind::Busy,
        // 1615: the table changed under a prepared statement. 1020: the row changed since the transaction read it.
        1213 | 1614 | 1615 | 1020 => FaultKind::Conflict,
        1021 | 1041 | 1114 | 1290 | 1836 | 1037 | 1038 => FaultKind::Storage,
        1317 | 1969 | 3024 => FaultKind::Timeout,
        // The server is shutting down, or somebody ended this connection.
        1053 | 1077 | 1079 | 1152 | 1154..=1161 | 1184 | 1927 | 4031 => FaultKind::Down,
        1153 | 1118 | 1264 | 1265 | 1292 | 1366 | 1367 | 1406 | 1411 | 1416 | 1441 | 1525 | 1690 | 3140
        | 3141 | 4038 => FaultKind::Value,
        // Text that cannot be compared with the column's character set.
        1267 | 1270 | 1271 | 3988 => FaultKind::Value,
        _ if state.starts_with("22") => FaultKind::Value,
        _ if state.starts_with("08") => FaultKind::Down,
        _ => FaultKind::Other,
    }
}

/// The column of a message such as `Data too long for column 'name' at row 1`; MariaDB writes it as
/// `` `database`.`table`.`name` `` in some messages.
fn column(message: &str) -> Option<String> {
    let lower = message.to_ascii_lowercase();
    let after = ["column ", "field "].iter().find_map(|word| {
        let at = lower.find(word)? + word.len();
        message.get(at..).filter(|rest| rest.starts_with(['\'', '`']))
    });
    match after {
        Some(rest) => last_part(rest),
        None => quoted(message),
    }
}

/// The first quoted name of a message.
fn quoted(message: &str) -> Option<String> {
    last_part(message.get(message.find(['\'', '`'])?..)?)
}

/// The last part of a quoted name at the start of `text`: `'a'`, `'t.a'`, `` `d`.`t`.`a` ``.
fn last_part(text: &str) -> Option<String> {
    let sign = text.chars().next()?;
    let mut rest = text;
    loop {
        let inside = rest.strip_prefix(sign)?;
        let end = inside.find(sign)?;
        let part = inside.get(..end)?;
        rest = inside.get(end + sign.len_utf8()..)?;
        match rest.strip_prefix('.') {
            Some(next) if next.starts_with(sign) => rest = next,
            _ => {
                let name = if sign == '\'' {
                    part.rsplit('.').next().unwrap_or(part)
                } else {
                    part
                };
                return (!name.is_empty()).then(|| name.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_in_messages() {
        for (message, name) in [
            ("Column 'dept_name' cannot be null", Some("dept_name")),
            (
                "Field 'first_name' doesn't have a default value",
                Some("first_name"),
            ),
            (
                "Incorrect string value: 'xE6' for column `demo`.`supplies`.`name` at row 10",
                Some("name"),
            ),
            ("Unknown column 't.nosuch' in 'WHERE'", Some("nosuch")),
            ("Out of range value for column 'c' at row 1", Some("c")),
            ("CONSTRAINT `ck_qty` failed for `demo`.`t`", Some("ck_qty")),
            ("Check constraint 'ck_qty' is violated.", Some("ck_qty")),
            ("no quotes at all", None),
            ("an open 'quote", None),
        ] {
            assert_eq!(column(message).as_deref(), name, "{message}");
        }
    }

    #[test]
    fn numbers_and_states_give_kinds() {
        assert_eq!(kind(1062, "23000"), FaultKind::Duplicate);
        assert_eq!(kind(1927, "70100"), FaultKind::Down);
        assert_eq!(kind(9999, "22007"), FaultKind::Value);
        assert_eq!(kind(9999, "HY000"), FaultKind::Other);
    }
}
