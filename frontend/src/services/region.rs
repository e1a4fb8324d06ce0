//! The region that the cloud behind this page runs in, whose prices the page shows.

use std::rc::Rc;

use gloo_net::http::RequestBuilder;
use wasm_core::api::REGION_HEADER;
use wasm_core::cost::Prices;
use wasm_core::regions::priced;
use yew::prelude::*;

use super::cloud::Limit;
use super::store::Spawned;

/// Milliseconds for which an answer is waited for.
const PATIENCE_MS: u32 = 30_000;

/// A region and its list prices.
#[derive(Clone, Debug, PartialEq)]
pub struct Here {
    /// Code of the region.
    pub code: &'static str,
    /// List prices of the region.
    pub prices: Prices,
}

impl Here {
    fn new(code: Option<&str>) -> Self {
        let (code, prices) = priced(code);
        Self { code, prices }
    }
}

/// The region, once the cloud says which; until then, and where it says none, that whose prices stand in.
#[hook]
pub fn use_region() -> Rc<Here> {
    let here = use_state(|| Rc::new(Here::new(None)));
    {
        let here = here.setter();
        use_effect_with((), move |()| {
            let asking = Spawned::begin(async move {
                if let Some(code) = asked().await {
                    here.set(Rc::new(Here::new(Some(&code))));
                }
            });
            move || drop(asking)
        });
    }
    (*here).clone()
}

async fn asked() -> Option<String> {
    let limit = Limit::new(PATIENCE_MS);
    let answer = RequestBuilder::new("/api/health").abort_signal(limit.signal().as_ref()).send().await.ok()?;
    answer.headers().get(REGION_HEADER)
}
