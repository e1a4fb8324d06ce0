//! `cargo xtask deploy`: installs what it needs, builds the functions and the page, and puts both into AWS,
//! without a question. `--plan` builds and checks all of it and changes nothing there.

mod emulated;
mod page;
mod stack;
mod tools;

use std::path::PathBuf;

use clap::Args;

use crate::shell::{Outcome, root};
use crate::site;
use stack::Stack;
use tools::Tools;

/// Where this command keeps what it makes.
const FOLDER: &str = "target/deploy";

/// Which stack, and where.
#[derive(Args, Clone)]
pub struct Target {
    /// Name of the stack; one account can hold several
    #[arg(long, default_value = "neurocyte")]
    stack: String,
    /// Region, such as eu-north-1; left out, that of the AWS profile
    #[arg(long)]
    region: Option<String>,
    /// Profile of ~/.aws/config; left out, the default one
    #[arg(long)]
    profile: Option<String>,
}

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    target: Target,
    /// Build and check, say what would be done, and change nothing in AWS
    #[arg(long)]
    plan: bool,
    /// A value of the template, such as `AlarmEmail=ana@example.org`; may be given several times.
    /// What is left out keeps the value of the last deployment
    #[arg(long = "set", value_name = "NAME=VALUE")]
    settings: Vec<String>,
}

#[derive(Args)]
pub struct UndeployOptions {
    #[command(flatten)]
    target: Target,
    /// Say what would be done, and change nothing in AWS
    #[arg(long)]
    plan: bool,
}

/// Builds and deploys.
pub fn run(options: &Options) -> Outcome {
    check_name(&options.target.stack)?;
    check_settings(&options.settings)?;
    let tools = Tools::install()?;
    eprintln!("Building the functions for arm64 and the page; the first time takes a quarter of an hour or more.");
    tools.sam(&[
        "validate",
        "--lint",
        "--template-file",
        "template.yaml",
        "--region",
        options.target.region_or_any(),
    ])?;
    tools.sam(&["build", "--template-file", "template.yaml"])?;
    let site = site::build()?;
    let emulated = emulated::write(&built("ApiFunction"))?;
    let stack = Stack::new(&tools, &options.target);
    if options.plan {
        println!("{}", stack.plan(&options.settings, &site));
        println!("The functions, as an emulator runs them: {}", emulated.display());
        return Ok(());
    }
    let account = stack.account()?;
    eprintln!("Deploying the stack {} into the account {account}.", options.target.stack);
    stack.deploy(&options.settings)?;
    page::upload(&stack, &site)?;
    let (address, data) = (stack.output("PageAddress")?, stack.output("DataBucket")?);
    println!("Neurocyte is ready: {address}");
    println!("Recordings and results are in the bucket {data}.");
    println!("Nobody can upload without an invitation. This makes one (step 5 of docs/aws.md):");
    println!("  {}", inviting(&stack.region()?, &data, &address));
    Ok(())
}

/// Takes the stack down; recordings and results stay.
pub fn undo(options: &UndeployOptions) -> Outcome {
    check_name(&options.target.stack)?;
    let tools = Tools::install()?;
    let stack = Stack::new(&tools, &options.target);
    if options.plan {
        println!("{}", stack.plan_of_removal());
        return Ok(());
    }
    let account = stack.account()?;
    eprintln!("Taking down the stack {} of the account {account}; this takes some minutes.", stack.name());
    // A stack whose first deployment failed has neither bucket.
    let (data, page) = (stack.output("DataBucket").ok(), stack.output("SiteBucket").ok());
    stack.remove(page.as_deref())?;
    println!("The stack {} is gone.", stack.name());
    if let Some(data) = data {
        println!("Recordings and results stay in the bucket {data}, which costs storage.");
        println!("To delete them for ever: aws s3 rb --force s3://{data}");
    }
    println!("{}", stack::LEFT);
    Ok(())
}

/// The command that invites somebody to this stack.
fn inviting(region: &str, data: &str, address: &str) -> String {
    format!(
        "target/release/neurocyte invite --region {region} --bucket {data} --site {address} --name \"Ana\" --bytes 100GB \
         --runs 50 --days 30"
    )
}

/// What `sam build` made of a function.
fn built(function: &str) -> PathBuf {
    root().join("infra/.aws-sam/build").join(function).join("bootstrap")
}

/// Names of buckets are made of it, which takes lower case and bounds its length.
fn check_name(stack: &str) -> Outcome {
    let is_short = (1..=40).contains(&stack.len());
    let starts = stack.starts_with(|first: char| first.is_ascii_lowercase());
    let fits = stack.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
    if is_short && starts && fits {
        return Ok(());
    }
    Err(format!("the stack's name must be 1 to 40 of a-z, 0-9 and -, beginning with a letter, not {stack:?}").into())
}

/// Values with a name; a value may hold anything but a quotation mark, which `sam` would take for its own.
fn check_settings(settings: &[String]) -> Outcome {
    for setting in settings {
        let fits = setting.split_once('=').is_some_and(|(name, value)| {
            !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric()) && !value.contains('"')
        });
        if !fits {
            return Err(format!("--set takes NAME=VALUE without quotation marks, not {setting:?}").into());
        }
    }
    Ok(())
}

impl Target {
    /// The region, or one against which the template is checked where the profile has to tell it.
    fn region_or_any(&self) -> &str {
        self.region.as_deref().unwrap_or("us-east-1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_invites_can_be_pasted() {
        let line = inviting("eu-central-1", "neurocyte-data-0a1b", "https://d1.cloudfront.net");
        let place = "--region eu-central-1 --bucket neurocyte-data-0a1b --site https://d1.cloudfront.net --name";
        assert!(line.contains(place) && !line.contains("  "), "{line}");
    }

    #[test]
    fn names_make_names_of_buckets() {
        for (name, fits) in [("neurocyte", true), ("lab-2", true), ("Lab", false), ("2lab", false), ("", false)] {
            assert_eq!(check_name(name).is_ok(), fits, "{name}");
        }
        assert!(check_name(&"a".repeat(41)).is_err());
    }

    #[test]
    fn settings_have_a_name_and_a_value() {
        let check = |setting: &str| check_settings(&[setting.to_owned()]).is_ok();
        assert!(check("AlarmEmail=ana@example.org") && check("DomainName="));
        assert!(!check("AlarmEmail") && !check("=x") && !check("A=\"x\"") && !check("A B=x"));
    }
}
