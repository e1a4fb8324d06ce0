//! What every invitation used and cost, as a table for a terminal.

use wasm_core::size;

use crate::invitations::owner::Account;
use crate::time::{date, now_s};

const TITLES: [&str; 8] = ["id", "name", "open until", "uploaded", "uploads", "runs", "cost so far", "to keep"];

/// Characters of a hash that name an invitation.
const ID_CHARS: usize = 12;

/// The table, or words where there is nothing to show.
pub fn written(accounts: &[Account]) -> String {
    if accounts.is_empty() {
        return "There are no invitations. Make one with: neurocyte invite --bucket BUCKET --name NAME\n".into();
    }
    let now_s = now_s();
    let rows: Vec<[String; 8]> =
        [TITLES.map(str::to_owned)].into_iter().chain(accounts.iter().map(|account| row(account, now_s))).collect();
    let mut widths = [0; 8];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text += cells.join("  ").trim_end();
        text.push('\n');
    }
    if accounts.iter().any(|account| account.n_unpriced > 0) {
        text += "about: some runs left no receipt (under way, stopped, failed or deleted); what was expected of them is counted.\n";
    }
    text + "Costs are AWS list prices of us-east-1; to keep: a month of what is there, as if nothing had compressed.\n"
}

fn row(account: &Account, now_s: u64) -> [String; 8] {
    let Account { hash, invitation, used, n_uploads, n_kept, spent_usd, n_unpriced, month_usd } = account;
    let open_until = match invitation.revoked_at_s {
        Some(revoked_at_s) => format!("revoked {}", date(revoked_at_s)),
        None if invitation.expires_at_s <= now_s => format!("expired {}", date(invitation.expires_at_s)),
        None => date(invitation.expires_at_s),
    };
    let under_way =
        if used.concurrent_runs > 0 { format!(", {} under way", used.concurrent_runs) } else { String::new() };
    let about = if *n_unpriced > 0 { "about " } else { "" };
    [
        hash.chars().take(ID_CHARS).collect(),
        invitation.name.clone(),
        open_until,
        format!("{} of {}", size::of(used.bytes), size::of(invitation.limits.bytes)),
        format!("{n_uploads}, {n_kept} there"),
        format!("{} of {}{under_way}", used.runs, invitation.limits.runs),
        format!("{about}${spent_usd:.2}"),
        format!("${month_usd:.2} a month"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invitations::Invitation;
    use wasm_core::api::Allowance;

    #[test]
    fn a_row_tells_who_used_what_at_which_cost() {
        let account = Account {
            hash: "0123456789abcdef".repeat(4),
            invitation: Invitation {
                name: "Ana".into(),
                created_at_s: 0,
                expires_at_s: 951_782_400,
                limits: Allowance { bytes: 100_000_000_000, runs: 50, concurrent_runs: 2 },
                revoked_at_s: None,
            },
            used: Allowance { bytes: 12_288_000_000, runs: 3, concurrent_runs: 1 },
            n_uploads: 2,
            n_kept: 1,
            spent_usd: 0.128,
            n_unpriced: 1,
            month_usd: 0.28,
        };
        let text = written(std::slice::from_ref(&account));
        let rows: Vec<&str> = text.lines().collect();
        for part in [
            "0123456789ab  Ana",
            "expired 2000-02-29",
            "12.3 GB of 100 GB",
            "2, 1 there",
            "3 of 50, 1 under way",
            "about $0.13",
            "$0.28 a month",
        ] {
            assert!(rows[1].contains(part), "{part}: {text}");
        }
        assert!(!text.contains("0123456789abcdef"), "a hash is shown in part");
        assert!(rows[2].starts_with("about:"));
        let column = |row: &str, word: &str| row.find(word).map(|at| row[..at].chars().count());
        assert_eq!(column(rows[0], "name"), column(rows[1], "Ana"));
        assert!(written(&[]).starts_with("There are no invitations"));
        let revoked = Account { invitation: Invitation { revoked_at_s: Some(0), ..account.invitation }, ..account };
        assert!(written(&[revoked]).contains("revoked 1970-01-01"));
    }
}
