//! A `.meta` file: `key=value` lines and `~key=(..)(..)` tables.

use std::collections::HashMap;

use crate::formats::OpenError;
use crate::io::{NamedFile, read_text};

pub struct Meta {
    path: String,
    values: HashMap<String, String>,
}

impl Meta {
    /// Whether a file begins like a meta; reads at most 64 kB.
    pub fn looks_like(file: &NamedFile) -> bool {
        let length = usize::try_from(file.file.size_bytes().min(1 << 16)).unwrap_or(0);
        let mut start = vec![0; length];
        file.file.read_exact_at(0, &mut start).is_ok()
            && String::from_utf8_lossy(&start).lines().any(|line| line.starts_with("nSavedChans="))
    }

    pub fn read(file: &NamedFile) -> Result<Self, OpenError> {
        let text = read_text(file).map_err(OpenError::io(&file.path))?;
        let pair = |line: &str| {
            let (key, value) = line.split_once('=')?;
            Some((key.trim().to_owned(), value.trim().to_owned()))
        };
        Ok(Self { path: file.path.clone(), values: text.lines().filter_map(pair).collect() })
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    pub fn number(&self, key: &str) -> Option<f64> {
        self.get(key)?.parse().ok().filter(|value: &f64| value.is_finite())
    }

    /// A number that must be there.
    pub fn required(&self, key: &str) -> Result<f64, OpenError> {
        let found = self.get(key).unwrap_or("missing");
        self.number(key).ok_or_else(|| OpenError::field(&self.path, key, found, "a number"))
    }

    /// Entries of a table without its first, the header.
    pub fn table(&self, key: &str) -> Option<(&str, Vec<&str>)> {
        // Programs that rewrite the file may lose the mark.
        let text = self.get(key).or_else(|| self.get(key.trim_start_matches('~')))?;
        let mut entries = text.trim_start_matches('(').trim_end_matches(')').split(")(");
        Some((entries.next()?, entries.collect()))
    }

    /// A comma-separated list of counts.
    pub fn counts(&self, key: &str) -> Option<Vec<usize>> {
        self.get(key)?.split(',').map(|count| count.trim().parse().ok()).collect()
    }

    /// Base name inside the meta, without `.bin`.
    fn base_name(&self) -> &str {
        let name = self.get("fileName").unwrap_or(&self.path);
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
        name.trim_end_matches(".bin").trim_end_matches(".meta")
    }

    /// `imec0.ap`, `nidq`, `obx0`.
    pub fn stream_name(&self) -> String {
        let mut parts = self.base_name().rsplit('.');
        let (last, before) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if self.is_imec() {
            // A meta of one probe may leave out the probe's number.
            let device = if before.contains("imec") { before } else { "imec" };
            return format!("{device}.{last}");
        }
        if last.contains("obx") {
            // `run_g0_t0.obx0.obx.bin`
            return if before.contains("obx") { before } else { last }.to_owned();
        }
        self.get("typeThis").unwrap_or("nidq").to_owned()
    }

    /// Whether the last channels are words of the synchronisation, no signal.
    pub fn has_sync(&self) -> bool {
        self.is_imec() || self.base_name().contains("obx")
    }

    pub fn is_imec(&self) -> bool {
        self.get("typeThis").map_or_else(|| self.get("imSampRate").is_some(), |kind| kind == "imec")
    }

    /// Gate and trigger; -1 where the name has none or they were concatenated.
    pub fn place(&self) -> (i64, i64) {
        let name = self.base_name();
        let number = |marker: &str| {
            let after = name.rsplit_once(marker)?.1;
            let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        };
        (number("_g").unwrap_or(-1), number("_t").unwrap_or(-1))
    }

    pub fn rate_hz(&self) -> Result<f64, OpenError> {
        let key = ["imSampRate", "niSampRate", "obSampRate"].into_iter().find(|key| self.get(key).is_some());
        let rate_hz = self.required(key.unwrap_or("imSampRate"))?;
        if rate_hz > 0.0 { Ok(rate_hz) } else { Err(OpenError::field(&self.path, "imSampRate", rate_hz, "above 0 Hz")) }
    }

    pub fn start_s(&self) -> Result<f64, OpenError> {
        Ok(self.number("firstSample").unwrap_or(0.0) / self.rate_hz()?)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be small and positive")]
    pub fn n_saved(&self) -> Result<usize, OpenError> {
        let n = self.required("nSavedChans")?;
        let fits = (1.0..=65_536.0).contains(&n) && n.fract() == 0.0;
        if fits { Ok(n as usize) } else { Err(OpenError::field(&self.path, "nSavedChans", n, "1 to 65,536")) }
    }

    /// Names such as `AP0` of the saved channels.
    pub fn channel_names(&self) -> Result<Vec<String>, OpenError> {
        let n_saved = self.n_saved()?;
        let (_, entries) = self.table("~snsChanMap").unwrap_or_default();
        let names = entries.iter().map(|entry| entry.split(';').next().unwrap_or(entry).to_owned());
        let names: Vec<String> = names.take(n_saved).collect();
        if names.len() < n_saved {
            return Err(OpenError::field(
                &self.path,
                "~snsChanMap",
                format!("{} entries", names.len()),
                format!("{n_saved} as nSavedChans says"),
            ));
        }
        Ok(names)
    }

    /// Acquired channels that were saved, in order: `all`, or `0:383,768`.
    pub fn saved_subset(&self, n_acquired: usize) -> Vec<usize> {
        let text = self.get("snsSaveChanSubset").unwrap_or("all");
        if text == "all" {
            return (0..n_acquired).collect();
        }
        let range = |part: &str| {
            let (from, to) = part.split_once(':').unwrap_or((part, part));
            let (from, to): (usize, usize) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
            Some(from..=to.min(n_acquired.saturating_sub(1)))
        };
        text.split(',').filter_map(range).flatten().collect()
    }
}
