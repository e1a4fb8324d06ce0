//! Lambda function: the HTTP API behind API Gateway.

use lambda::store::{Store, StoreConfig};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda_http::run(lambda::api::router(Store::new(StoreConfig::from_env()?))).await
}
