//! Facts that files tell about how they were recorded, in words that all readers share.

use crate::decimals::trimmed;
use crate::recording::Fact;

/// Letters of a value that are kept: enough for a remark, not for a whole settings file.
const MAX_CHARS: usize = 2000;
/// Days after which the calendar repeats itself: 400 years.
const DAYS_OF_400_YEARS: i64 = 146_097;
/// Seconds from the first day of the year 1 to that of 1970.
const SECONDS_TO_1970: f64 = 62_135_596_800.0;
/// Years of a date that are believed.
const YEARS: std::ops::RangeInclusive<i64> = 1970..=2200;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Facts in the order in which they are shown.
#[derive(Default)]
pub struct Facts(Vec<Fact>);

impl Facts {
    /// Adds a fact, unless its value is empty or the same is there.
    pub fn add(&mut self, name: &str, value: impl AsRef<str>) {
        let value: String = value.as_ref().trim_matches(|c: char| c.is_whitespace() || c == '\0').to_owned();
        let fact = Fact { name: name.to_owned(), value: value.chars().take(MAX_CHARS).collect() };
        if !fact.value.is_empty() && !self.0.contains(&fact) {
            self.0.push(fact);
        }
    }

    /// Adds a fact where there is a value.
    pub fn add_some(&mut self, name: &str, value: Option<impl AsRef<str>>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    /// Adds a number that was set, where there is one.
    pub fn add_number(&mut self, name: &str, value: Option<f64>) {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            self.add(name, number(value));
        }
    }

    /// The facts.
    pub fn list(self) -> Vec<Fact> {
        self.0
    }
}

/// A number without needless digits.
pub fn number(value: f64) -> String {
    trimmed(value, 6)
}

/// Days of a month; months count from 1.
pub const fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Date and time of seconds since 1970, in ISO 8601; none for times that cannot be.
#[expect(clippy::cast_possible_truncation, reason = "saturating; the year is checked")]
pub fn of_unix(seconds: f64, is_utc: bool) -> Option<String> {
    if !seconds.is_finite() || seconds <= 0.0 {
        return None;
    }
    let whole = seconds.floor() as i64;
    let (days, second) = (whole.div_euclid(86_400), whole.rem_euclid(86_400));
    let mut year = 1970 + 400 * days.div_euclid(DAYS_OF_400_YEARS);
    let mut rest = days.rem_euclid(DAYS_OF_400_YEARS);
    let mut month = 1;
    while rest >= days_of(year, month) {
        rest -= days_of(year, month);
        (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    }
    let zone = if is_utc { "Z" } else { "" };
    let (hour, minute) = (second / 3600, second / 60 % 60);
    YEARS
        .contains(&year)
        .then(|| format!("{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{:02}{zone}", rest + 1, second % 60))
}

/// The date of .NET ticks: tenths of a microsecond since the year 1, on the local clock.
pub fn of_ticks(ticks: f64) -> Option<String> {
    of_unix(ticks / 1e7 - SECONDS_TO_1970, false)
}

/// The date that is written as `30 Aug 2023 23:41:36` or `30-Aug-2023 234136`; as it stands
/// where it is written in another way.
pub fn of_words(text: &str) -> String {
    let iso = || {
        let mut words = text.split([' ', '-', '/']).filter(|word| !word.is_empty());
        let day: u32 = words.next()?.parse().ok()?;
        let month = words.next()?.get(..3)?.to_lowercase();
        let month = MONTHS.iter().position(|known| *known == month)? + 1;
        let year: i64 = words.next()?.parse().ok().filter(|year| YEARS.contains(year))?;
        let digits: String = words.next().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        let time = match (digits.get(..2), digits.get(2..4), digits.get(4..6)) {
            (Some(hour), Some(minute), Some(second)) => format!("T{hour}:{minute}:{second}"),
            _ => String::new(),
        };
        Some(format!("{year:04}-{month:02}-{day:02}{time}"))
    };
    iso().unwrap_or_else(|| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(of_unix(1_616_517_974.102, true).as_deref(), Some("2021-03-23T16:46:14Z"));
        assert_eq!(of_unix(951_782_400.0, false).as_deref(), Some("2000-02-29T00:00:00"));
        assert_eq!(of_ticks(635_404_978_551_720_981.0).as_deref(), Some("2014-07-09T10:17:35"));
        assert_eq!((of_unix(0.0, true), of_unix(f64::NAN, true), of_unix(1e300, true)), (None, None, None));
        assert_eq!(of_words("30 Aug 2023 23:41:36"), "2023-08-30T23:41:36");
        assert_eq!(of_words("5-Dec-2013 213456"), "2013-12-05T21:34:56");
        assert_eq!(of_words("Mittwoch, 9. Juli 2014"), "Mittwoch, 9. Juli 2014");
    }

    #[test]
    fn empty_values_are_no_facts() {
        let mut facts = Facts::default();
        facts.add("Operator", " \r\n");
        facts.add("Plate", "M1\0");
        facts.add("Plate", "M1");
        facts.add_number("Gain", Some(512.0));
        let told: Vec<(String, String)> = facts.list().into_iter().map(|fact| (fact.name, fact.value)).collect();
        assert_eq!(told, [("Plate".into(), "M1".into()), ("Gain".into(), "512".into())]);
    }
}
