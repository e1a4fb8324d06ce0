//! Opens a pipeline file: its values take the place of those that are set, and its analyses come with it.

use wasm_core::engine::check;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::StreamInfo;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::services::drop::chosen_text;

/// Properties of [`PipelineFile`].
#[derive(Properties, PartialEq)]
pub struct PipelineFileProps {
    /// The stream that the pipeline is for.
    pub info: StreamInfo,
    /// Takes the name of the file and its pipeline.
    pub on_file: Callback<(String, Pipeline)>,
}

/// A field for the file, and why it was not taken.
#[component(PipelineFile)]
pub fn pipeline_file(props: &PipelineFileProps) -> Html {
    let said = use_state(|| None::<Result<String, String>>);
    let on_chosen = {
        let (said, on_file, info) = (said.setter(), props.on_file.clone(), props.info.clone());
        Callback::from(move |event: Event| {
            let field: HtmlInputElement = event.target_unchecked_into();
            let (said, on_file, info) = (said.clone(), on_file.clone(), info.clone());
            chosen_text(&field, move |name, text| {
                let text = text.ok_or_else(|| "the browser cannot read it".to_owned());
                match text.and_then(|text| read(&text, &info)) {
                    Ok(pipeline) => {
                        on_file.emit((name.to_owned(), pipeline));
                        said.set(Some(Ok(format!("The values of {name} are set."))));
                    }
                    Err(reason) => said.set(Some(Err(format!("{name} was not taken: {reason}.")))),
                }
            });
        })
    };
    html! {
        <details class="panel card small" data-testid="pipeline-file">
            <summary>{ "Open a pipeline file…" }</summary>
            <label>{ "A file that the result page saved, or that was written for the command line: " }
                <input type="file" accept=".json" onchange={on_chosen} data-testid="pipeline-input" />
            </label>
            { outcome(said.as_ref()) }
        </details>
    }
}

/// The pipeline of a text, if it fits the stream; or why not.
fn read(text: &str, info: &StreamInfo) -> Result<Pipeline, String> {
    let pipeline = Pipeline::from_json(text).map_err(|error| error.to_string())?;
    check(info, &pipeline).map_err(|error| error.to_string())?;
    Ok(pipeline)
}

fn outcome(said: Option<&Result<String, String>>) -> Html {
    match said {
        None => html! {},
        Some(Ok(said)) => html! { <p role="status" data-testid="pipeline-taken">{ said }</p> },
        Some(Err(reason)) => {
            html! { <p class="notice problem" role="alert" data-testid="pipeline-refused">{ reason }</p> }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_core::recording::FrameSource;
    use wasm_core::simulation::{Simulation, SimulationSpec};

    #[test]
    fn a_file_is_taken_where_it_fits() {
        let spec = SimulationSpec { n_channels: 4, sampling_frequency_hz: 20_000.0, duration_s: 1.0, seed: 1 };
        let info = Simulation::new(spec).info().clone();
        let of = |sampling_frequency_hz: f64| StreamInfo { sampling_frequency_hz, ..info.clone() };
        let text = serde_json::to_string(&Pipeline::default().with_analyses()).expect("JSON");
        assert_eq!(read(&text, &of(20_000.0)), Ok(Pipeline::default().with_analyses()));
        assert!(read(&text, &of(5_000.0)).is_err_and(|reason| reason.contains("does not fit")));
        assert!(read("{}", &of(20_000.0)).is_err());
    }
}
