//! Invitations, for whoever owns the bucket: make one, look at all, revoke one.

mod table;

use std::future::Future;

use clap::{Args, Subcommand};
use wasm_core::api::Allowance;
use wasm_core::size;

use super::{Outcome, print};
use crate::invitations::owner::{self, accounts, make, revoke};
use crate::store::{Store, StoreConfig};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Invite {
    #[command(subcommand)]
    command: Option<InviteCommand>,
    #[command(flatten)]
    bucket: Place,
    /// Who is invited, or to what
    #[arg(long)]
    name: Option<String>,
    /// Bytes that may be uploaded in all, before compression, such as 100GB
    #[arg(long, default_value = "100GB", value_parser = bytes_of)]
    bytes: u64,
    /// Runs in the cloud
    #[arg(long, default_value_t = 50)]
    runs: u64,
    /// Runs at a time
    #[arg(long, default_value_t = 2)]
    concurrent: u64,
    /// Days until it expires
    #[arg(long, default_value_t = 30)]
    days: u32,
    /// Address of your page, such as <https://neurocyte.example.org>, for the link
    #[arg(long)]
    site: Option<String>,
}

#[derive(Subcommand)]
enum InviteCommand {
    /// Print what each invitation used and cost
    List {
        #[command(flatten)]
        bucket: Place,
    },
    /// End an invitation; what was uploaded with it stays
    Revoke {
        /// Beginning of its id, as `invite list` prints it
        id: String,
        #[command(flatten)]
        bucket: Place,
    },
}

// Where the bucket is. Its words would become those of the command that it is flattened into.
#[derive(Args)]
struct Place {
    /// The bucket; `NEUROCYTE_BUCKET` if left out
    #[arg(long)]
    bucket: Option<String>,
    /// Its region; `AWS_REGION` if left out
    #[arg(long)]
    region: Option<String>,
    /// Address of an S3 that is not AWS's
    #[arg(long)]
    endpoint: Option<String>,
}

fn bytes_of(text: &str) -> Result<u64, String> {
    size::from_words(text).ok_or_else(|| "write a size such as 500MB, 100GB or 1.5TB".into())
}

/// Does what was asked for.
pub fn run(options: &Invite) -> Outcome {
    match &options.command {
        None => invite(options),
        Some(InviteCommand::List { bucket }) => {
            let store = store(bucket)?;
            print(&table::written(&waited(accounts(&store))??))
        }
        Some(InviteCommand::Revoke { id, bucket }) => {
            let store = store(bucket)?;
            let name = waited(revoke(&store, id))??;
            print(&format!(
                "The invitation “{name}” is revoked: nothing is uploaded or started with it any more.\n\
                 What was uploaded stays; addresses that were signed before work for up to 15 minutes.\n"
            ))
        }
    }
}

fn invite(options: &Invite) -> Outcome {
    let Some(name) = options.name.clone() else {
        return Err("--name says who is invited, such as --name \"Ana, retina project\"".into());
    };
    let store = store(&options.bucket)?;
    let limits = Allowance { bytes: options.bytes, runs: options.runs, concurrent_runs: options.concurrent };
    let wish = owner::Invite { name, limits, days: options.days };
    let code = waited(make(&store, wish))??;
    let site = options.site.as_deref().unwrap_or_default().trim_end_matches('/');
    let link = format!("{site}/#/invitation/{}", code.reveal());
    let tells = if site.is_empty() {
        "Put this behind the address of your page (--site does so), and send it: it is shown once, and everyone who \
         has it"
    } else {
        "Send this link: it is shown once, and everyone who has it"
    };
    print(&format!(
        "{link}\n{tells} may upload {} and start {} runs, {} at a time, for {} days.\n",
        size::of(limits.bytes),
        limits.runs,
        limits.concurrent_runs,
        options.days
    ))
}

/// The bucket; credentials come from the environment alone.
fn store(options: &Place) -> Result<Store, String> {
    let mut config = StoreConfig::from_env_for(options.bucket.clone(), options.region.clone()).map_err(|reason| {
        format!(
            "{reason}; --bucket and --region say where, and `export AWS_ACCESS_KEY_ID=\"$(aws configure get \
             aws_access_key_id)\" AWS_SECRET_ACCESS_KEY=\"$(aws configure get aws_secret_access_key)\"` who you are (see \
             docs/aws.md)"
        )
    })?;
    if let Some(endpoint) = &options.endpoint {
        config.endpoint = Some(endpoint.clone());
    }
    Ok(Store::new(config))
}

/// Waits for what S3 answers.
fn waited<T>(work: impl Future<Output = T>) -> std::io::Result<T> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::cli::Cli;

    #[test]
    fn its_arguments_are_read() {
        for line in [
            "neurocyte invite --bucket b --name Ana",
            "neurocyte invite --name Ana --bytes 1.5TB --runs 3 --concurrent 1 --days 7 --site https://a.example",
            "neurocyte invite list --bucket b --region eu-north-1",
            "neurocyte invite revoke 0123456789ab --bucket b",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
        for line in ["neurocyte invite --bytes lots", "neurocyte invite revoke", "neurocyte invite --name Ana list"] {
            assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }
}
