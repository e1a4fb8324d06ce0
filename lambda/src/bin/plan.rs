//! Lambda function: Measures the noise and plans a run.

use lambda::handlers::{self, RunRef};
use lambda::store::{Store, StoreConfig};
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let store = Store::new(StoreConfig::from_env()?);
    let run = async |event: LambdaEvent<RunRef>| {
        let failed = |error: handlers::StepError| Diagnostic {
            error_type: error.name().into(),
            error_message: error.to_string(),
        };
        handlers::plan(&store, event.payload).await.map_err(failed)
    };
    lambda_runtime::run(service_fn(run)).await
}
