//! What the page may load and ask.

use std::sync::LazyLock;

use axum::http::HeaderValue;

/// Nothing of third parties; `blob:` is for files that the page offers to save. The one thing that it may ask
/// elsewhere, when somebody measures how far regions are, is a sign of life of each: a single path of a single
/// host each, to which nothing can be handed over.
pub static CONTENT_SECURITY_POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    HeaderValue::from_str(&policy()).unwrap_or_else(|error| unreachable!("a test looks at the policy: {error}"))
});

fn policy() -> String {
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; \
         connect-src 'self' {}; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
        lambda::region::ping_addresses().join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is deployed may speak with the bucket too, which has an address of its own there.
    #[test]
    fn the_deployed_page_is_as_strict() {
        let bucket = "https://${AWS::StackName}-data-${Own}.s3.${AWS::Region}.${AWS::URLSuffix}";
        let ours = policy().replace("connect-src 'self'", &format!("connect-src 'self' {bucket}"));
        assert!(include_str!("../../template.yaml").contains(&format!("\"{ours}\"")), "{ours}");
    }

    #[test]
    fn nothing_is_asked_of_others_but_a_sign_of_life() {
        let policy = CONTENT_SECURITY_POLICY.to_str().expect("text");
        let connect = policy.split("; ").find_map(|part| part.strip_prefix("connect-src ")).expect("it is there");
        let (own, others) = connect.split_once(' ').expect("others");
        assert_eq!(own, "'self'");
        let is_ping =
            |address: &str| address.starts_with("https://dynamodb.") && address.ends_with(".amazonaws.com/ping");
        assert!(others.split(' ').all(is_ping) && !policy.contains('*'), "{policy}");
    }
}
