//! Dates and times as clients of this instance write and read them, where its settings say how.
//!
//! Databases are spoken to in their own way of writing. A backend is wrapped ([`Formatted`]) only when a form is
//! configured: then text by the types of dates and times is turned into the configured form on its way out, and back on
//! its way in, in values and in conditions. Text that is not in the expected form passes as it is.

mod backend;
mod letters;

pub(crate) use backend::Formatted;

use crate::Kind;
use contract::Settings;
use letters::{Moment, Written};

/// The configured forms, each a text of date letters (`m/d/Y h:i A`).
#[derive(Debug)]
pub(crate) struct ClientFormats {
    date: Option<String>,
    time: Option<String>,
    datetime: Option<String>,
    timestamp: Option<String>,
}

impl ClientFormats {
    /// Those of the settings; `None` when there are none.
    pub(crate) fn of(settings: &Settings) -> Option<ClientFormats> {
        let formats = ClientFormats {
            date: settings.date_format.clone(),
            time: settings.time_format.clone(),
            datetime: settings.datetime_format.clone(),
            timestamp: settings.timestamp_format.clone(),
        };
        let all = [
            &formats.date,
            &formats.time,
            &formats.datetime,
            &formats.timestamp,
        ];
        all.iter().any(|format| format.is_some()).then_some(formats)
    }

    fn of_kind(&self, kind: Kind) -> Option<(&str, Written)> {
        let (format, written) = match kind {
            Kind::Date => (&self.date, Written::Date),
            Kind::Time => (&self.time, Written::Time),
            Kind::TimeTz => (&self.time, Written::TimeWithZone),
            Kind::DateTime => (&self.datetime, Written::DateTime),
            Kind::Timestamp | Kind::TimestampOnCreate | Kind::TimestampOnUpdate => {
                (&self.timestamp, Written::DateTime)
            }
            Kind::TimestampTz => (&self.timestamp, Written::DateTimeWithZone),
            _ => return None,
        };
        Some((format.as_deref()?, written))
    }

    /// Whether values of a type are written in a configured form.
    fn covers(&self, kind: Kind) -> bool {
        self.of_kind(kind).is_some()
    }

    /// The database's text in the configured form; `None` when it stays as it is.
    fn shown(&self, kind: Kind, text: &str) -> Option<String> {
        let (format, _) = self.of_kind(kind)?;
        Some(letters::show(format, &Moment::from_native(text)?))
    }

    /// A client's text as the database writes it; `None` when it stays as it is.
    fn native(&self, kind: Kind, text: &str) -> Option<String> {
        let (format, written) = self.of_kind(kind)?;
        Some(letters::read(format, text)?.native(written))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_its_form_and_the_rest_passes() {
        let settings = Settings::read(|name| match name {
            "DF_DB_DATE_FORMAT" => Some("m/d/Y".into()),
            "DF_DB_TIMESTAMP_FORMAT" => Some("c".into()),
            _ => None,
        });
        let formats = ClientFormats::of(&settings.unwrap()).unwrap();
        let shown = |kind, text| formats.shown(kind, text);
        assert_eq!(shown(Kind::Date, "2024-02-29").as_deref(), Some("02/29/2024"));
        assert_eq!(
            shown(Kind::TimestampTz, "2024-02-29 13:14:15.123456+02").as_deref(),
            Some("2024-02-29T13:14:15+02:00")
        );
        assert_eq!(shown(Kind::Time, "13:14:15"), None);
        assert_eq!(shown(Kind::Date, "infinity"), None);
        assert_eq!(shown(Kind::String, "2024-02-29"), None);
        let native = |kind, text| formats.native(kind, text);
        assert_eq!(native(Kind::Date, "02/29/2024").as_deref(), Some("2024-02-29"));
        assert_eq!(native(Kind::Date, "2024-02-29"), None);
        assert_eq!(
            native(Kind::Timestamp, "2024-02-29T13:14:15+02:00").as_deref(),
            Some("2024-02-29 13:14:15")
        );
        assert!(ClientFormats::of(&Settings::default()).is_none());
    }
}
