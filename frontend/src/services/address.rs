//! The view of a result in the address bar: it survives a reload and goes with a link.

use wasm_bindgen::JsValue;

/// The part of a recording that a person looks at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// Segment of the stream.
    pub segment: usize,
    /// Start and length of the traces' window in seconds.
    pub traces_s: (f64, f64),
    /// Start and end of the raster in seconds; all of it without.
    pub raster_s: Option<(f64, f64)>,
    /// The chosen channel, counted from 0.
    pub channel: Option<usize>,
    /// Threshold in multiples of the noise.
    pub threshold: f64,
    /// The well of a plate that somebody chose.
    pub well: Option<String>,
}

impl Place {
    /// The place that the address names, if it names one.
    pub fn now() -> Option<Self> {
        Self::parse(&Self::text_now()?)
    }

    /// The part of the address that names the place.
    pub fn text_now() -> Option<String> {
        let hash = web_sys::window()?.location().hash().ok()?;
        hash.split_once('?').map(|(_, text)| text.to_owned())
    }

    /// Puts it into the address; the history gets no further entry.
    pub fn show(&self) {
        let Some(window) = web_sys::window() else { return };
        let hash = window.location().hash().unwrap_or_default();
        let path = hash.split('?').next().filter(|path| !path.is_empty()).unwrap_or("#");
        if let Ok(history) = window.history() {
            // Only fails where a page is not allowed to change its address.
            drop(history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("{path}?{}", self.text()))));
        }
    }

    fn text(&self) -> String {
        let (from_s, span_s) = self.traces_s;
        let mut text =
            format!("segment={}&traces={from_s:.4},{span_s:.4}&threshold={:.1}", self.segment, self.threshold);
        if let Some((from_s, to_s)) = self.raster_s {
            text += &format!("&raster={from_s:.3},{to_s:.3}");
        }
        if let Some(channel) = self.channel {
            text += &format!("&channel={channel}");
        }
        if let Some(well) = &self.well {
            text += &format!("&well={}", escaped(well));
        }
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let value = |name: &str| {
            text.split('&')
                .find_map(|part| part.split_once('=').filter(|(key, _)| *key == name))
                .map(|(_, value)| value)
        };
        let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
        let pair = |text: &str| text.split_once(',').and_then(|(a, b)| Some((number(a)?, number(b)?)));
        Some(Self {
            segment: value("segment")?.parse().ok()?,
            traces_s: pair(value("traces")?)?,
            raster_s: value("raster").and_then(pair),
            channel: value("channel").and_then(|channel| channel.parse().ok()),
            threshold: number(value("threshold")?)?,
            well: value("well").and_then(unescaped),
        })
    }
}

/// A name as an address takes it: what is not a plain letter or digit is written as bytes.
fn escaped(name: &str) -> String {
    let byte = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    name.bytes().map(byte).collect()
}

/// The name that [`escaped`] wrote; none of what it did not write.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let (byte, length) = match rest.strip_prefix('%') {
            Some(code) => (u8::from_str_radix(code.get(..2)?, 16).ok()?, 3),
            None => (first, 1),
        };
        bytes.push(byte);
        rest = rest.get(length..)?;
    }
    String::from_utf8(bytes).ok().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let place = Place {
            segment: 1,
            traces_s: (12.25, 0.5),
            raster_s: Some((3.0, 40.125)),
            channel: Some(17),
            threshold: 6.5,
            well: Some("B 3&ü%".into()),
        };
        assert_eq!(Place::parse(&place.text()), Some(place.clone()));
        assert_eq!(Place::parse("segment=0&traces=1,2&threshold=5&well=%ZZ").map(|place| place.well), Some(None));
        let plain = Place { raster_s: None, channel: None, well: None, ..place };
        assert_eq!(Place::parse(&plain.text()), Some(plain));
        for wrong in [
            "",
            "segment=x&traces=1,2&threshold=5",
            "segment=0&traces=1&threshold=5",
            "segment=0&traces=1,NaN&threshold=5",
        ] {
            assert_eq!(Place::parse(wrong), None, "{wrong}");
        }
    }
}
