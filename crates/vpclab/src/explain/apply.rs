//! `explain --apply`: the commands of the fixes, run against the lab as they stand.
use super::ExplainArgs;
use crate::{lab::Note, report::Failure};
use anstream::{eprint, eprintln};
use serde_json::Value;
use std::{
    io::{BufRead, IsTerminal},
    process::{Command, Stdio},
};

/// Asks, and runs the commands of each fix. Whether any was run; `false` when there is nothing to run or the answer was no.
pub fn run(note: &Note, args: &ExplainArgs, explanation: &Value) -> Result<bool, Failure> {
    let list = |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let fixes: Vec<Value> = list(explanation, "fixes").into_iter().filter(|fix| !list(fix, "commands").is_empty()).collect();
    if fixes.is_empty() {
        eprintln!("there is nothing to run");
        return Ok(false);
    }
    if !args.yes && !confirmed(fixes.len())? {
        return Ok(false);
    }
    for fix in &fixes {
        let text = |key: &str| fix.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let lines: Vec<String> = list(fix, "commands").iter().filter_map(Value::as_str).map(str::to_owned).collect();
        eprintln!("applying: {}", text("summary"));
        run_script(note, args, &text("account"), &lines)?;
    }
    Ok(true)
}

fn confirmed(count: usize) -> Result<bool, Failure> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::new("there is nobody to ask").hint("`--yes` applies the fixes without asking"));
    }
    eprint!("apply {count} fix(es) to the lab? [y/N] ");
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Runs lines in one shell, so that what one learns the next can use; ends at the first that fails.
fn run_script(note: &Note, args: &ExplainArgs, account: &str, lines: &[String]) -> Result<(), Failure> {
    let aws = args.aws.to_string_lossy();
    let aws = vpclab_explain::quoted(&aws);
    let script: Vec<String> = lines.iter().map(|line| with(line, &aws)).collect();
    let status = Command::new("sh")
        .args(["-e", "-u", "-c", &script.join("\n")])
        .env("AWS_ENDPOINT_URL", format!("http://{}", note.listen))
        .env("AWS_ACCESS_KEY_ID", account)
        .env("AWS_SECRET_ACCESS_KEY", "vpclab")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_PAGER", "")
        .env_remove("AWS_SESSION_TOKEN")
        .env_remove("AWS_PROFILE")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .map_err(|why| Failure::new(format!("cannot run `sh`: {why}")))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("a command of the fix failed: {}", lines.join("; "))).hint("what had been run stays; explain the call again"))
}

/// A line with the AWS CLI that was named, and the credentials of the account that a comment at its end names.
fn with(line: &str, aws: &str) -> String {
    let is_account = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_name = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphabetic());
    // What looks like either within a quoted word stays as it is.
    let (line, account) = match line.rsplit_once("  # in account ") {
        Some((line, account)) if is_account(account) => (line, format!("AWS_ACCESS_KEY_ID={account} ")),
        _ => (line, String::new()),
    };
    if let Some(rest) = line.strip_prefix("aws ") {
        return format!("{account}{aws} {rest}");
    }
    match line.split_once("=$(aws ") {
        Some((name, rest)) if is_name(name) => format!("{name}=$({aws} {rest}"),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::with;

    #[test]
    fn the_cli_and_the_account_are_put_in() {
        assert_eq!(with("aws ec2 x", "/opt/aws"), "/opt/aws ec2 x");
        assert_eq!(with("pcx=$(aws ec2 x)", "/opt/aws"), "pcx=$(/opt/aws ec2 x)");
        assert_eq!(with("aws ec2 x  # in account 123", "aws"), "AWS_ACCESS_KEY_ID=123 aws ec2 x");
        // Not where a policy holds such words.
        for word in ["'{\"Sid\":\"  # in account $(x)\"}'", "'$(aws x)'"] {
            assert_eq!(with(&format!("aws ec2 x {word}"), "'/a b/aws'"), format!("'/a b/aws' ec2 x {word}"));
        }
    }
}
