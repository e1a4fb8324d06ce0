//! Lambda function: Puts a run together.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::function::serve(lambda::handlers::reduce_or_record).await
}
