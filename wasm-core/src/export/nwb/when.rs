//! When a recording began, as the schema wants it: a day, a time and a zone (ISO 8601).

use crate::formats::told::days_of;

/// The time that is written where none is known; no recording of cells is that old.
pub const UNKNOWN: &str = "1970-01-01T00:00:00+00:00";

/// A time as the schema wants it.
#[derive(Debug, PartialEq, Eq)]
pub struct Start {
    /// Day, time and zone.
    pub time: String,
    /// A note for a person.
    pub note: Option<String>,
}

/// The start that files tell.
pub fn start(told: Option<&str>) -> Start {
    let unknown = |why: String| Start {
        time: UNKNOWN.to_owned(),
        note: Some(format!("{why}: session_start_time holds a stand-in.")),
    };
    let Some(told) = told else { return unknown("The files do not tell when the recording began".to_owned()) };
    match parsed(told.trim()) {
        None => unknown(format!("The files tell of the start “{told}”, which is no date of ISO 8601")),
        Some((time, Some(zone))) => Start { time: time + &zone, note: None },
        Some((time, None)) => Start {
            time: time + "+00:00",
            note: Some(
                "The files do not tell the time zone: session_start_time holds their local time as UTC.".to_owned(),
            ),
        },
    }
}

/// Day and time, and the zone where it is told.
fn parsed(told: &str) -> Option<(String, Option<String>)> {
    let (day, rest) = told.split_at_checked(10)?;
    let day = day_of(day)?;
    let rest = rest.trim_start_matches(['T', 't', ' ']);
    let at = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(at);
    let zone = if zone.is_empty() { None } else { Some(zone_of(zone)?) };
    let time = if time.is_empty() { "00:00:00".to_owned() } else { time_of(time.trim())? };
    Some((format!("{day}T{time}"), zone))
}

/// A number of so many digits below a limit.
fn number(text: &str, n_digits: usize, end: i64) -> Option<i64> {
    let is_number = text.len() == n_digits && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && *number < end)
}

/// `YYYY-MM-DD`, if it is a day of the calendar.
fn day_of(text: &str) -> Option<String> {
    let mut parts = text.split(['-', '/']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let numbers = (number(year, 4, 10_000)?, number(month, 2, 13)?, number(day, 2, 32)?);
    let is_day = parts.next().is_none() && numbers.0 > 0 && numbers.1 > 0 && numbers.2 > 0;
    (is_day && numbers.2 <= days_of(numbers.0, numbers.1)).then(|| format!("{year}-{month}-{day}"))
}

/// `HH:MM`, with seconds and parts of them.
fn time_of(text: &str) -> Option<String> {
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let mut parts = whole.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next().unwrap_or("00"));
    number(hour, 2, 24)?;
    number(minute, 2, 60)?;
    number(second, 2, 60)?;
    if parts.next().is_some() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Readers take microseconds.
    let part: String = part.chars().take(6).collect();
    let part = if part.is_empty() { part } else { format!(".{part:0<6}") };
    Some(format!("{hour}:{minute}:{second}{part}"))
}

/// `Z`, or a sign with `HH:MM`, `HHMM` or `HH`.
fn zone_of(text: &str) -> Option<String> {
    if text.eq_ignore_ascii_case("z") {
        return Some("+00:00".to_owned());
    }
    let (sign, digits) = text.split_at_checked(1)?;
    let (hour, minute) = match digits.split_at_checked(2)? {
        (hour, "") => (hour, "00"),
        (hour, minute) => (hour, minute.trim_start_matches(':')),
    };
    number(hour, 2, 15)?;
    number(minute, 2, 60)?;
    Some(format!("{sign}{hour}:{minute}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_with_their_zone() {
        for (told, expected) in [
            ("2021-03-23T16:46:14Z", "2021-03-23T16:46:14+00:00"),
            ("2021-03-23 16:46:14.5+0200", "2021-03-23T16:46:14.500000+02:00"),
            ("2021-03-23T16:46:14.1234567-05:30", "2021-03-23T16:46:14.123456-05:30"),
            ("2024/02/29 16:46+01", "2024-02-29T16:46:00+01:00"),
        ] {
            assert_eq!(start(Some(told)), Start { time: expected.into(), note: None });
        }
        for (told, expected) in [("2021-03-23T16:46:14", "16:46:14"), ("2021-03-23", "00:00:00")] {
            let Start { time, note } = start(Some(told));
            assert_eq!(time, format!("2021-03-23T{expected}+00:00"));
            assert!(note.is_some_and(|note| note.contains("time zone")), "{told}");
        }
    }

    #[test]
    fn what_is_no_time_is_a_stand_in() {
        let odd = [
            "",
            "Mittwoch, 9. Juli 2014",
            "2023-02-29",
            "2021-13-01T00:00",
            "2021-03-23T25:00",
            "2021-03-23T1:2:3:4",
            "2021-03-23T10:00+99",
            "äääääääääää",
        ];
        for told in odd.map(Some).into_iter().chain([None]) {
            let Start { time, note } = start(told);
            assert_eq!(time, UNKNOWN, "{told:?}");
            assert!(note.is_some_and(|note| note.contains("stand-in")), "{told:?}");
        }
    }
}
