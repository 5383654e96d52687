//! `diff`: what differs between two states in who can call what; of a template, before anything is changed.
use crate::{client, files, lab::Lab, report::Failure, snapshot, what_if};
use anstream::{eprintln, print, println};
use clap::Args;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};
use vpclab_cloud::{AccountId, Region};
use vpclab_explain::{Judge, differences};

/// Exit code when something differs.
const DIFFERENT: u8 = 1;
/// Exit code when nothing, or not all, could be compared.
const TROUBLE: u8 = 2;

/// The largest template, as a request of CloudFormation's takes it.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const TEMPLATE_MAX: u64 = 51_200;

/// What `diff` takes.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Exit codes: 0 nothing differs; 1 something does; 2 nothing, or not all, was compared (what is left out is said).")]
pub struct DiffArgs {
    /// The state before: a snapshot (`vpclab import`, `vpclab export`)
    #[arg(required_unless_present = "template", conflicts_with = "template")]
    before: Option<PathBuf>,
    /// The state after: a snapshot; the running lab when it is left out
    #[arg(conflicts_with = "template")]
    after: Option<PathBuf>,
    /// Compare the running lab with what a stack operation with this template would make of it
    #[arg(long, value_name = "FILE", requires = "stack")]
    template: Option<PathBuf>,
    /// The stack's name; a new one is made, one that is there is updated
    #[arg(long, value_name = "NAME", requires = "template")]
    stack: Option<String>,
    /// The value of a parameter; may be given several times. A stack keeps those that are not given
    #[arg(long = "parameter", value_name = "KEY=VALUE", requires = "template")]
    parameters: Vec<String>,
    /// The stack's region, where the lab has no stack of that name or several
    #[arg(long, requires = "template")]
    region: Option<Region>,
    /// The stack's account
    #[arg(long, requires = "template")]
    account: Option<AccountId>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Compares and prints.
pub fn run(lab: &Lab, args: &DiffArgs) -> Result<ExitCode, Failure> {
    compared(lab, args).map_err(|why| why.code(TROUBLE))
}

fn compared(lab: &Lab, args: &DiffArgs) -> Result<ExitCode, Failure> {
    let (before, after) = match (&args.before, &args.template) {
        (Some(before), _) => {
            let after = match &args.after {
                Some(after) => snapshot::judge(after)?,
                None => of_lab(lab)?,
            };
            (snapshot::judge(before)?, after)
        }
        (None, Some(template)) => planned(lab, args, template)?,
        (None, None) => return Err(Failure::new("there is nothing to compare").hint("name two snapshots, or --template and --stack")),
    };
    let found = differences(&before, &after, vpclab_services::engine::clock());
    if args.json {
        println!("{:#}", found.json());
    } else {
        print!("{}", found.text());
        if found.found.is_empty() && found.is_whole() {
            eprintln!("who can call what stays the same");
        }
    }
    Ok(match (found.is_whole(), found.found.is_empty()) {
        (false, _) => ExitCode::from(TROUBLE),
        (true, false) => ExitCode::from(DIFFERENT),
        (true, true) => ExitCode::SUCCESS,
    })
}

fn of_lab(lab: &Lab) -> Result<Judge, Failure> {
    let value = client::get(&lab.running()?, "/_vpclab/snapshot")?;
    let snapshot = vpclab_import::Snapshot::read(value.to_string().as_bytes()).map_err(Failure::new)?;
    Ok(Judge::new(&snapshot.cloud(), None))
}

/// The lab as it is, and as it would be.
fn planned(lab: &Lab, args: &DiffArgs, template: &Path) -> Result<(Judge, Judge), Failure> {
    let text = files::text(template, TEMPLATE_MAX).map_err(|why| Failure::new(format!("cannot read `{}`: {why}", template.display())))?;
    let mut parameters = BTreeMap::new();
    for given in &args.parameters {
        let (key, value) = given.split_once('=').ok_or_else(|| Failure::new(format!("`{given}` is no parameter: write KEY=VALUE")))?;
        if parameters.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(Failure::new(format!("the parameter `{key}` is given twice")));
        }
    }
    let asked = what_if::Asked {
        template: text,
        stack: args.stack.clone().unwrap_or_default(),
        account: args.account.clone(),
        region: args.region.clone(),
        parameters,
    };
    let asked = serde_json::to_value(&asked).map_err(Failure::new)?;
    let value = client::post(&lab.running()?, "/_vpclab/what-if", &asked, Duration::from_secs(600))?;
    let made: what_if::WhatIf = serde_json::from_value(value).map_err(Failure::new)?;
    Ok((Judge::new(&made.before.cloud(), None), Judge::new(&made.after.cloud(), None)))
}
