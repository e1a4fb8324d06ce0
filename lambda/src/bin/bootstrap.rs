//! All Lambda functions in one program, of which the name of the handler chooses: what is deployed.

use lambda::function::{serve, serve_api};
use lambda::handlers;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    match std::env::var("_HANDLER").unwrap_or_default().as_str() {
        "api" => serve_api().await,
        "plan" => serve(handlers::plan).await,
        "analyse" => serve(handlers::analyse).await,
        "reduce" => serve(handlers::reduce_or_record).await,
        other => Err(format!("the handler must be api, plan, analyse or reduce, not {other:?}").into()),
    }
}
