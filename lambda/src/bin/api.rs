//! Lambda function: the HTTP API behind API Gateway.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::function::serve_api().await
}
