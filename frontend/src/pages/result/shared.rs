//! A result that somebody shared: what they say of it, and how it is fetched.

use std::rc::Rc;

use wasm_core::api::{ShareAbout, SharedContent, SharedFile, SharedResult};
use wasm_core::run::Summary;
use wasm_core::secret::Secret;
use yew::prelude::*;

use super::Computed;
use super::kept::restored;
use super::loading::{Problem, of_run};
use crate::bridge::buffer;
use crate::services::cloud;
use crate::services::kept::KeptFile;
use crate::services::session::Session;
use crate::ui::heading::Heading;
use crate::ui::{format, save};

/// Fetches what a token shows.
pub async fn load(token: &Secret) -> Result<Computed, Problem> {
    let token = token.reveal();
    let SharedResult { about, shows } = cloud::get(&format!("/shares/{token}"), None).await?;
    let computed = match shows {
        SharedContent::Run(links) => of_run(*links, format!("/api/shares/{token}/reads"), None).await?,
        SharedContent::File { file } => of_file(&file).await?,
    };
    Ok(Computed { shared: Some(Rc::new(about)), ..computed })
}

/// A result that came as a file. Whoever made it may mean ill: what is wrong with it is said.
async fn of_file(file: &SharedFile) -> Result<Computed, Problem> {
    let failed = |reason: String| Problem::Failed(reason);
    let bytes = cloud::download(file.url.reveal()).await?;
    let blob = save::made_of("application/octet-stream", &buffer(&bytes));
    let blob = blob.ok_or_else(|| failed("There is no memory for it. Close other tabs and try again.".into()))?;
    let opened = KeptFile::open(blob).await;
    let kept = opened.map_err(|error| failed(format!("The shared file does not open: {error}.")))?;
    let session = Session::of_kept(kept);
    let restored = restored(&session).await;
    restored.map_err(|failure| failed(format!("The shared file does not open: {}", failure.reason)))
}

/// What the sender says, when, and the recording's facts: the sentence and the numbers follow.
pub fn head(about: &ShareAbout, computed: &Computed, summary: &Summary) -> Html {
    let name = &summary.recording.name;
    let title = if about.title.is_empty() { name } else { &about.title };
    html! {
        <div class="shared" data-testid="shared">
            <Heading text={title.clone()} name="shared-title" />
            if !about.note.is_empty() { <p class="words" data-testid="shared-note"><bdi>{ &about.note }</bdi></p> }
            <p class="soft" data-testid="shared-facts">{ facts(title, computed, summary) }</p>
            <p class="small soft" data-testid="expires">{ times(about) }</p>
        </div>
    }
}

/// Name where the title is another, stream, channels, rate, length and spikes. What a file is called turns nothing
/// beside it.
fn facts(title: &str, computed: &Computed, summary: &Summary) -> Html {
    let recording = &summary.recording;
    let facts = [
        if recording.name == title { String::new() } else { recording.name.clone() },
        recording.stream.clone(),
        format::counted(computed.info.n_channels as u64, "channel"),
        format::hertz(computed.info.sampling_frequency_hz),
        format::duration(summary.headline.duration_s),
        format::counted(summary.headline.n_spikes, "spike"),
    ];
    let shown = facts.into_iter().filter(|fact| !fact.is_empty()).enumerate();
    let one = |(at, fact): (usize, String)| html! { <>{ if at > 0 { " · " } else { "" } }<bdi>{ fact }</bdi></> };
    html! { <>{ for shown.map(one) }</> }
}

/// When it was shared, and until when.
fn times(about: &ShareAbout) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a date")]
    let date = |seconds: u64| format::date(seconds as f64 * 1000.0);
    let since = about.created_at_s.map(|made| format!(" on {}", date(made))).unwrap_or_default();
    format!("Shared{since} with everyone who has this link, until {}.", date(about.expires_at_s))
}
