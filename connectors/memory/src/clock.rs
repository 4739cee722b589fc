//! The clock, in UTC.

use chrono::{Duration, Months, NaiveDateTime, Utc};
use driver::{Fault, FaultKind};
use records::Scalar;
use sql::{Moment, TimeUnit};

/// A moment as text in ISO order. A moment outside the calendar is a value that does not fit.
pub(crate) fn moment(moment: Moment) -> Result<Scalar, Fault> {
    at(Utc::now().naive_utc(), moment)
        .ok_or_else(|| Fault::new(FaultKind::Value, "the moment lies outside the calendar"))
}

fn at(now: NaiveDateTime, moment: Moment) -> Option<Scalar> {
    let time = match moment.offset {
        None => now,
        Some((count, unit)) => moved(now, count, unit)?,
    };
    let form = if moment.date_only {
        "%Y-%m-%d"
    } else {
        "%Y-%m-%d %H:%M:%S"
    };
    Some(Scalar::Text(time.format(form).to_string()))
}

fn moved(time: NaiveDateTime, count: i64, unit: TimeUnit) -> Option<NaiveDateTime> {
    let seconds = match unit {
        TimeUnit::Second => 1,
        TimeUnit::Minute => 60,
        TimeUnit::Hour => 3600,
        TimeUnit::Day => 86_400,
        TimeUnit::Week => 604_800,
        TimeUnit::Month => return by_months(time, count),
        TimeUnit::Year => return by_months(time, count.checked_mul(12)?),
    };
    time.checked_add_signed(Duration::try_seconds(count.checked_mul(seconds)?)?)
}

fn by_months(time: NaiveDateTime, count: i64) -> Option<NaiveDateTime> {
    let months = Months::new(u32::try_from(count.unsigned_abs()).ok()?);
    if count < 0 {
        time.checked_sub_months(months)
    } else {
        time.checked_add_months(months)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    #[test]
    fn the_clock_moves() {
        let now = NaiveDate::from_ymd_opt(2024, 3, 31)
            .unwrap()
            .and_hms_opt(12, 0, 0)
            .unwrap();
        for (date_only, offset, expected) in [
            (false, None, Some("2024-03-31 12:00:00")),
            (true, None, Some("2024-03-31")),
            (false, Some((-1, TimeUnit::Day)), Some("2024-03-30 12:00:00")),
            (true, Some((-1, TimeUnit::Month)), Some("2024-02-29")),
            (true, Some((1, TimeUnit::Year)), Some("2025-03-31")),
            (true, Some((2, TimeUnit::Week)), Some("2024-04-14")),
            (true, Some((i64::MAX, TimeUnit::Year)), None),
            (true, Some((i64::MIN, TimeUnit::Second)), None),
        ] {
            let found = at(now, Moment { date_only, offset });
            assert_eq!(found, expected.map(Scalar::from), "{offset:?}");
        }
    }
}
