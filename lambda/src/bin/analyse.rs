//! Lambda function: Analyses one slice of a run.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::function::serve(lambda::handlers::analyse).await
}
