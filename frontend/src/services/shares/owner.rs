//! Whose links they are: of a run of an uploaded recording, or of a result that was sent as a file.

use wasm_core::secret::Secret;

use super::Words;
use crate::services::cloud::CloudError;
use crate::services::memory::{self, Link};
use crate::services::results;

/// What makes links to a result, shows and revokes them. What is remembered is read again each time.
#[derive(Clone, PartialEq)]
pub enum Owner {
    /// Of a run.
    Run {
        /// The recording.
        recording: String,
        /// The run of the recording.
        run: String,
        /// The recording's key.
        key: Secret,
    },
    /// Of a result that was sent as a file.
    File {
        /// The result.
        result: String,
        /// Key of the result's owner.
        key: Secret,
    },
}

impl Owner {
    /// The links that this browser made, each with whether it shows this very result: links to earlier runs
    /// of the recording could be revoked nowhere else.
    pub fn links(&self) -> Vec<(Secret, bool)> {
        match self {
            Self::Run { recording, run, .. } => {
                let links = memory::get(recording).map(|known| known.links).unwrap_or_default();
                links.into_iter().map(|link| (link.token, link.run_id == *run)).collect()
            }
            Self::File { result, .. } => {
                let links = results::get(result).map(|known| known.links).unwrap_or_default();
                links.into_iter().map(|token| (token, true)).collect()
            }
        }
    }

    /// Makes a link.
    pub async fn share(&self, words: &Words) -> Result<(), CloudError> {
        match self {
            Self::Run { recording, run, key } => {
                let path = format!("/recordings/{recording}/runs/{run}");
                let link = Link { run_id: run.clone(), token: super::create(&path, key, words).await? };
                memory::update(recording, |known| known.links.push(link));
            }
            Self::File { result, key } => {
                let token = super::create(&format!("/results/{result}"), key, words).await?;
                results::update(result, |known| known.links.push(token));
            }
        }
        Ok(())
    }

    /// Makes a link answer no more.
    pub async fn revoke(&self, token: &Secret) -> Result<(), CloudError> {
        match self {
            Self::Run { recording, key, .. } => {
                super::revoke(&format!("/recordings/{recording}"), key, token).await?;
                memory::update(recording, |known| known.links.retain(|link| link.token != *token));
            }
            Self::File { result, key } => {
                super::revoke(&format!("/results/{result}"), key, token).await?;
                results::update(result, |known| known.links.retain(|known| known != token));
            }
        }
        Ok(())
    }

    /// What whoever has a link sees.
    pub const fn shows(&self) -> &'static str {
        match self {
            Self::Run { .. } => "the result and its traces",
            Self::File { .. } => "the result, without traces,",
        }
    }

    /// What stays when a link is revoked.
    pub const fn stays(&self) -> &'static str {
        match self {
            Self::Run { .. } => "",
            Self::File { .. } => {
                " What was sent is still in the cloud: the start page lists it, to share it again or to delete it."
            }
        }
    }
}
