//! Lambda function: Measures the noise and plans a run.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::function::serve(lambda::handlers::plan).await
}
