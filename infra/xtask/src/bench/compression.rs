//! Compression beside other codecs, on the same samples.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

use super::{Bench, RATE_HZ, folder_bytes, timed};
use crate::shell::{Outcome, root};

/// What a codec makes of a recording.
#[derive(Deserialize)]
struct Codec {
    #[serde(rename = "codec")]
    name: String,
    ratio: f64,
    mb_per_s: f64,
}

impl Bench<'_> {
    /// Ratios and speed beside others, on the simulated recording and on real ones.
    pub(super) fn compression(&self, recording: &Path, packed: &Path, pack_s: f64, python: Option<&Path>) -> Outcome {
        let raw = recording.join("traces_cached_seg0.raw");
        let mut columns = vec![ratios("simulated", &raw, (self.options.channels, RATE_HZ), packed, python)?];
        if let Some(own) = columns[0].1.first_mut() {
            own.mb_per_s = self.n_samples() * 2.0 / pack_s / 1e6;
        }
        for (at, path) in self.options.real.iter().enumerate() {
            let packed = self.folder.join(format!("real-{at}.zarr"));
            self.pack(path, &packed)?;
            let raw = self.folder.join(format!("real-{at}.raw"));
            let shape = self.dump(path, &raw)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            columns.push(ratios(&name, &raw, shape, &packed, python)?);
        }
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        println!("\n| compression, one core | MB/s | ratio: {} |", names.join(" | "));
        println!("|{}", " --- |".repeat(2 + names.len()));
        for (at, codec) in columns[0].1.iter().enumerate() {
            let ratios = columns
                .iter()
                .map(|(_, codecs)| codecs.get(at).map_or_else(String::new, |codec| format!("{:.2}", codec.ratio)));
            let ratios: Vec<String> = ratios.collect();
            println!("| {} | {:.0} | {} |", codec.name, codec.mb_per_s, ratios.join(" | "));
        }
        Ok(())
    }

    /// Writes a recording's first stream as it is, segment after segment; returns channels and rate.
    fn dump(&self, path: &Path, raw: &Path) -> Outcome<(usize, f64)> {
        let output = Command::new(&self.neurocyte).arg("inspect").arg(path).arg("--json").output()?;
        let found: Value = serde_json::from_slice(&output.stdout)
            .map_err(|_| format!("{}: {}", path.display(), String::from_utf8_lossy(&output.stderr).trim_end()))?;
        let stream = &found["streams"][0];
        if stream["dtype"] != "int16" {
            return Err(format!("{}: only int16 is compressed by all codecs", path.display()).into());
        }
        let mut all = File::create(raw)?;
        for (at, segment) in stream["segments"].as_array().into_iter().flatten().enumerate() {
            let part = raw.with_extension("part");
            let mut dump = Command::new(&self.neurocyte);
            dump.arg("dump").arg(path).args(["--segment", &at.to_string(), "--start", "0"]);
            timed(dump.args(["--frames", &segment["n_frames"].to_string(), "--out"]).arg(&part))?;
            std::io::copy(&mut File::open(part)?, &mut all)?;
        }
        let n_channels = usize::try_from(stream["n_channels"].as_u64().unwrap_or_default())?;
        Ok((n_channels, stream["sampling_frequency_hz"].as_f64().unwrap_or_default()))
    }
}

/// What this program and others make of raw samples.
fn ratios(
    name: &str,
    raw: &Path,
    (n_channels, rate_hz): (usize, f64),
    packed: &Path,
    python: Option<&Path>,
) -> Outcome<(String, Vec<Codec>)> {
    #[expect(clippy::cast_precision_loss, reason = "bytes")]
    let ratio = raw.metadata()?.len() as f64 / folder_bytes(packed)? as f64;
    let own = "`neurocyte pack --level small` (pco level 8), with reading and writing";
    let mut codecs = vec![Codec { name: own.into(), ratio, mb_per_s: f64::NAN }];
    if let Some(python) = python {
        let mut command = Command::new(python);
        command.arg(root().join("infra/xtask/bench/compression.py")).arg(raw);
        let output = command.args([n_channels.to_string(), rate_hz.to_string()]).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            codecs.push(serde_json::from_str(line)?);
        }
    }
    Ok((name.to_owned(), codecs))
}
