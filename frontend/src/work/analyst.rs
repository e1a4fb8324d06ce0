//! The worker that holds a result: it puts the result together, and computes all that starts from spikes.
//! It reads no recordings, so that its program is loaded beside that of the workers which do.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::listening::{self, Answer, problem};
use super::result::KeptResult;
use crate::bridge::result::{Reply, Request};
use crate::bridge::{Failure, buffer};

/// What it holds between requests.
#[derive(Default)]
struct Analyst {
    result: Option<KeptResult>,
}

/// Listens for requests until the page closes the worker.
pub fn listen() {
    let analyst = Rc::new(RefCell::new(Analyst::default()));
    listening::listen(move |request: Request, attached: Vec<JsValue>| {
        let analyst = Rc::clone(&analyst);
        async move { analyst.borrow_mut().answer(request, &attached) }
    });
}

impl Analyst {
    fn answer(&mut self, request: Request, attached: &[JsValue]) -> Answer<Reply> {
        match request {
            Request::Stored { name, of } => Ok(self.keep(KeptResult::stored(&name, *of, attached)?)),
            Request::Reduce { info, pipeline, recording, noise_uv, field, events } => {
                let kept = KeptResult::reduce((info, &pipeline), *recording, &noise_uv, &field, attached)?;
                Ok(self.keep(kept.with_events(&events)))
            }
            Request::Load { info, summary, events } => {
                let kept = KeptResult::load(info, *summary, attached)?;
                Ok(self.keep(kept.with_events(&events)))
            }
            Request::Restore => Ok(self.keep(KeptResult::restore(attached)?)),
            Request::Keep { about } => {
                let file = self.kept()?.file(*about)?;
                Ok((Reply::Kept { crc32c: wasm_core::crc32c(&file) }, vec![buffer(&file)]))
            }
            Request::Threshold { threshold } => {
                let kept = self.kept()?;
                kept.set_threshold(threshold);
                Ok(kept.reply())
            }
            Request::Sensitivity { threshold } => Ok((self.kept()?.sensitivity(threshold)?, Vec::new())),
            Request::Calibrate => Ok((self.kept()?.calibrate(attached)?, Vec::new())),
            Request::ByMethod { kind } => Ok((self.kept()?.by_method(&kind)?, Vec::new())),
            Request::Analyses { pipeline, known, well } => {
                let kept = self.kept()?;
                kept.show_well(well);
                Ok((kept.analyses(&pipeline, &known, 1), Vec::new()))
            }
            Request::Table { block, table } => {
                let text = self.kept()?.table(&block, &table);
                let text = text.ok_or_else(|| problem("there is no such table any more"))?;
                Ok((Reply::Exported, vec![buffer(text.as_bytes())]))
            }
            Request::Raster { segment, times } => Ok((Reply::Exported, self.kept()?.raster(segment, times))),
            Request::Export { format } => Ok((Reply::Exported, vec![buffer(&self.kept()?.export(format)?)])),
        }
    }

    /// Takes the place of the result before; gives what the page draws.
    fn keep(&mut self, kept: KeptResult) -> (Reply, Vec<JsValue>) {
        self.result.insert(kept).reply()
    }

    /// The result that is shown.
    fn kept(&mut self) -> Result<&mut KeptResult, Failure> {
        self.result.as_mut().ok_or_else(|| problem("no result is open"))
    }
}
