//! The things that AWS asks money for, and the list prices of a region.

use std::collections::BTreeMap;

/// Something that is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Paid {
    /// Lambda on arm64: a second of a function, times its memory in GB.
    ComputeGbS,
    /// Lambda: a call.
    Call,
    /// S3: an object written, or a listing.
    Put,
    /// S3: an object read.
    Get,
    /// S3: a GB kept for a month.
    StorageGbMonth,
    /// A GB that goes out to the internet.
    EgressGb,
    /// Step Functions: a transition from state to state.
    Transition,
    /// `EventBridge`: an event of S3.
    Event,
    /// API Gateway: a call of the HTTP API.
    ApiCall,
    /// `CloudWatch`: a GB of logs.
    LogsGb,
    /// A GB that comes in, which is free everywhere; it takes energy.
    IngressGb,
}

/// All of them, in the order of their numbers.
pub const PAID: [Paid; 11] = [
    Paid::ComputeGbS,
    Paid::Call,
    Paid::Put,
    Paid::Get,
    Paid::StorageGbMonth,
    Paid::EgressGb,
    Paid::Transition,
    Paid::Event,
    Paid::ApiCall,
    Paid::LogsGb,
    Paid::IngressGb,
];

impl Paid {
    /// The name in the table of regions, with the amount that the listed price is for; none where it
    /// is free everywhere.
    #[must_use]
    pub const fn listed(self) -> Option<(&'static str, f64)> {
        Some(match self {
            Self::ComputeGbS => ("lambda_gb_s", 1.0),
            Self::Call => ("lambda_requests_million", 1e6),
            Self::Put => ("s3_put_thousand", 1e3),
            Self::Get => ("s3_get_thousand", 1e3),
            Self::StorageGbMonth => ("s3_storage_gb_month", 1.0),
            Self::EgressGb => ("egress_gb", 1.0),
            Self::Transition => ("step_functions_thousand", 1e3),
            Self::Event => ("eventbridge_million", 1e6),
            Self::ApiCall => ("http_api_million", 1e6),
            Self::LogsGb => ("logs_gb", 1.0),
            Self::IngressGb => return None,
        })
    }

    /// The title of the item.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::ComputeGbS => "Lambda, time",
            Self::Call => "Lambda, calls",
            Self::Put => "S3, writing and listing",
            Self::Get => "S3, reading",
            Self::StorageGbMonth => "S3, storage",
            Self::EgressGb => "transfer out",
            Self::Transition => "Step Functions",
            Self::Event => "EventBridge",
            Self::ApiCall => "HTTP API",
            Self::LogsGb => "logs",
            Self::IngressGb => "transfer in",
        }
    }

    /// Whether it is so small a part of any bill that another region's price may stand in for one that
    /// is not known, which is then said.
    #[must_use]
    pub const fn is_minor(self) -> bool {
        matches!(self, Self::Call | Self::Event | Self::ApiCall | Self::LogsGb)
    }
}

/// The list prices of a region in US dollars.
#[derive(Clone, Debug, PartialEq)]
pub struct Prices {
    /// Of one of each of [`PAID`].
    usd: [f64; PAID.len()],
    /// Items with another region's price.
    borrowed: Vec<Paid>,
}

impl Prices {
    /// The prices of a table, by name. What is minor and not known is taken from `lender`.
    ///
    /// # Errors
    /// Where prices are not known that are not minor: names them.
    pub fn new(listed: &BTreeMap<String, Option<f64>>, lender: Option<&Self>) -> Result<Self, Vec<Paid>> {
        let (mut usd, mut borrowed, mut unknown) = ([0.0; PAID.len()], Vec::new(), Vec::new());
        for (at, paid) in PAID.into_iter().enumerate() {
            let Some((name, amount)) = paid.listed() else { continue };
            let known = listed.get(name).copied().flatten().filter(|price| price.is_finite() && *price >= 0.0);
            match (known, lender) {
                (Some(price), _) => usd[at] = price / amount,
                (None, Some(lender)) if paid.is_minor() => {
                    usd[at] = lender.usd[at];
                    borrowed.push(paid);
                }
                _ => unknown.push(paid),
            }
        }
        if unknown.is_empty() { Ok(Self { usd, borrowed }) } else { Err(unknown) }
    }

    /// The price of an amount.
    #[must_use]
    pub fn usd(&self, paid: Paid, amount: f64) -> f64 {
        self.usd[paid as usize] * amount
    }

    /// Items with another region's price.
    #[must_use]
    pub fn borrowed(&self) -> &[Paid] {
        &self.borrowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(without: &str) -> BTreeMap<String, Option<f64>> {
        let named = PAID.into_iter().filter_map(Paid::listed);
        named.map(|(name, _)| (name.to_owned(), (name != without).then_some(2.0))).collect()
    }

    #[test]
    fn what_is_listed_for_a_million_is_divided() {
        let prices = Prices::new(&listed(""), None).expect("all known");
        assert_eq!(prices.usd(Paid::Call, 1e6), 2.0);
        assert_eq!(prices.usd(Paid::Put, 500.0), 1.0);
        assert_eq!(prices.usd(Paid::IngressGb, 1e9), 0.0);
        assert!(PAID.into_iter().enumerate().all(|(at, paid)| paid as usize == at));
    }

    #[test]
    fn only_minor_prices_are_borrowed() {
        let lender = Prices::new(&listed(""), None).expect("all known");
        assert_eq!(Prices::new(&listed("logs_gb"), None), Err(vec![Paid::LogsGb]));
        let prices = Prices::new(&listed("logs_gb"), Some(&lender)).expect("borrowed");
        assert_eq!((prices.borrowed(), prices.usd(Paid::LogsGb, 1.0)), (&[Paid::LogsGb][..], 2.0));
        assert_eq!(Prices::new(&listed("s3_put_thousand"), Some(&lender)), Err(vec![Paid::Put]));
    }
}
