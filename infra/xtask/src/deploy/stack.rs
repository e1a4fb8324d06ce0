//! The stack in AWS.

use std::path::Path;

use super::Target;
use super::tools::Tools;
use crate::shell::Outcome;

/// What AWS SAM made for itself, and other projects of the account may use too.
pub const LEFT: &str = "The programs that were uploaded stay too, in the bucket of the stack aws-sam-cli-managed-default \
                        that AWS SAM made; docs/aws.md, “Taking it down”, says how it goes.";

/// A stack of CloudFormation, whether or not it is there.
pub struct Stack<'a> {
    tools: &'a Tools,
    target: &'a Target,
}

impl<'a> Stack<'a> {
    pub const fn new(tools: &'a Tools, target: &'a Target) -> Self {
        Self { tools, target }
    }

    pub fn name(&self) -> &str {
        &self.target.stack
    }

    /// Arguments that say where, as `sam` and `aws` both take them.
    fn place(&self) -> Vec<&'a str> {
        let mut place = Vec::new();
        if let Some(region) = &self.target.region {
            place.extend(["--region", region.as_str()]);
        }
        if let Some(profile) = &self.target.profile {
            place.extend(["--profile", profile.as_str()]);
        }
        place
    }

    /// Whose account this is, so that nobody deploys into another one unseen.
    pub fn account(&self) -> Outcome<String> {
        let asked = self.ask(&["sts", "get-caller-identity", "--query", "Account", "--output", "text"]);
        asked.map_err(|error| {
            format!(
                "AWS does not know who you are; sign in with `aws configure` or `aws sso login` first, and `unset` keys \
                 that this terminal still holds, see docs/aws.md ({error})"
            )
            .into()
        })
    }

    /// Deploys what `sam build` made.
    pub fn deploy(&self, settings: &[String]) -> Outcome {
        let settings: Vec<String> = settings.iter().map(|setting| quoted(setting)).collect();
        self.tools.sam(&self.deploying(&settings))
    }

    fn deploying<'b>(&'b self, settings: &'b [String]) -> Vec<&'b str> {
        let mut arguments = vec!["deploy", "--stack-name", self.name(), "--no-confirm-changeset"];
        arguments.extend(self.place());
        if !settings.is_empty() {
            arguments.push("--parameter-overrides");
            arguments.extend(settings.iter().map(String::as_str));
        }
        arguments
    }

    /// An output of the template.
    pub fn output(&self, name: &str) -> Outcome<String> {
        let query = format!("Stacks[0].Outputs[?OutputKey=='{name}'].OutputValue");
        let asked = ["cloudformation", "describe-stacks", "--stack-name", self.name(), "--query", &query];
        let value = self.ask(&[&asked[..], &["--output", "text"]].concat())?;
        if value.is_empty() { Err(format!("the stack {} has no {name}", self.name()).into()) } else { Ok(value) }
    }

    /// Its region, which its id tells wherever it was chosen.
    pub fn region(&self) -> Outcome<String> {
        let asked = ["cloudformation", "describe-stacks", "--stack-name", self.name()];
        let id = self.ask(&[&asked[..], &["--query", "Stacks[0].StackId", "--output", "text"]].concat())?;
        match region_of(&id) {
            Some(region) => Ok(region.to_owned()),
            None => Err(format!("the id of the stack tells no region: {id}").into()),
        }
    }

    /// Runs `aws`, and says what went wrong in its own words.
    pub fn aws(&self, arguments: &[&str]) -> Outcome {
        self.ask(arguments).map(drop)
    }

    fn ask(&self, arguments: &[&str]) -> Outcome<String> {
        let output = self.tools.aws(&[arguments, self.place().as_slice()].concat()).output()?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(format!("aws {}: {said}", arguments.iter().take(2).copied().collect::<Vec<_>>().join(" ")).into())
    }

    /// Takes the stack down, after the files of the page, without which its bucket would not go.
    pub fn remove(&self, page: Option<&str>) -> Outcome {
        if let Some(page) = page {
            self.aws(&["s3", "rm", "--quiet", "--recursive", &format!("s3://{page}")])?;
        }
        self.aws(&["cloudformation", "delete-stack", "--stack-name", self.name()])?;
        self.aws(&["cloudformation", "wait", "stack-delete-complete", "--stack-name", self.name()])
    }

    /// What a deployment does, in the commands that do it.
    pub fn plan(&self, settings: &[String], site: &Path) -> String {
        let place = self.place().join(" ");
        format!(
            "Nothing was changed. A deployment runs, in infra/:\n  sam {}\nand uploads {} to the stack's SiteBucket:\n  aws s3 cp … {place}",
            self.deploying(settings).join(" "),
            site.display()
        )
    }

    /// What taking it down does.
    pub fn plan_of_removal(&self) -> String {
        let place = self.place().join(" ");
        format!(
            "Nothing was changed. Taking the stack down runs:\n  aws s3 rm --recursive s3://(SiteBucket) {place}\n  \
             aws cloudformation delete-stack --stack-name {} {place}\n\
             The bucket of recordings and results (DataBucket) stays.\n{LEFT}",
            self.name()
        )
    }
}

/// The region in the id (ARN) of a stack.
fn region_of(id: &str) -> Option<&str> {
    id.split(':').nth(3).filter(|region| !region.is_empty())
}

/// A setting as `sam` reads it: the value in quotation marks, or it would end at the first space.
fn quoted(setting: &str) -> String {
    match setting.split_once('=') {
        Some((name, value)) => format!("{name}=\"{value}\""),
        None => setting.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_stack_tells_its_region() {
        let id = "arn:aws:cloudformation:eu-central-1:123456789012:stack/neurocyte/0a1b-2c";
        assert_eq!((region_of(id), region_of("None")), (Some("eu-central-1"), None));
    }

    #[test]
    fn a_value_with_spaces_stays_one() {
        assert_eq!(quoted("AlarmEmail=ana@example.org"), "AlarmEmail=\"ana@example.org\"");
        assert_eq!(quoted("A=b c=d"), "A=\"b c=d\"");
    }
}
