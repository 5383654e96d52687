//! A shell script that saves what an import reads, by the AWS CLI.
use crate::calls::{Argument, CALLS, Call, Per, kebab};

const HEAD: &str = r#"#!/bin/sh
# Saves what `vpclab import DIR` reads of an account, by calls that only read.
# Usage: sh save.sh DIR [REGION…]; profiles and credentials are those of the AWS CLI.
set -eu
dir=${1:?usage: sh save.sh DIR [REGION…]}
shift
[ $# -gt 0 ] || set -- "$(aws configure get region)"
region=$1
account=$(aws sts get-caller-identity --region "$region" --query Account --output text)

# save FILE ERROR COMMAND…: keeps the answer, whole or not at all; where the command fails with ERROR there is nothing to keep.
save() {
    file=$dir/$account/$1 absent=$2
    shift 2
    mkdir -p "${file%/*}"
    if "$@" > "$file.new" 2> "$file.err"; then
        mv "$file.new" "$file"
    elif [ -n "$absent" ] && grep -Eq "\(($absent)\)" "$file.err"; then
        rm -f "$file.new"
    else
        cat "$file.err" >&2
        rm -f "$file.new" "$file.err"
        return 1
    fi
    rm -f "$file.err"
}

# export_of REGION API STAGE OPTION…: GetExport writes the document to a file.
export_of() {
    region=$1 api=$2 stage=$3
    shift 3
    out=$(mktemp)
    aws apigateway get-export --region "$region" "$@" "$out" > /dev/null && cat "$out"
    code=$?
    rm -f "$out"
    return $code
}
"#;

/// The script.
#[must_use]
pub fn script() -> String {
    let mut text = HEAD.to_owned();
    text.push('\n');
    for call in of(Per::Account) {
        text.push_str(&line(call, 0));
    }
    text.push_str(
        "for id in $(aws route53 list-hosted-zones --region \"$region\" --query 'HostedZones[].Id' --output text); do\n    id=${id##*/}\n",
    );
    for call in of(Per::Zone) {
        text.push_str(&line(call, 1));
    }
    text.push_str("done\n\nfor region in \"$@\"; do\n");
    for call in of(Per::Region) {
        text.push_str(&line(call, 1));
    }
    for (per, list) in [
        (Per::Vpc, "ec2 describe-vpcs --region \"$region\" --query 'Vpcs[].VpcId'"),
        (Per::Function, "lambda list-functions --region \"$region\" --query 'Functions[].FunctionName'"),
        (Per::Api, "apigateway get-rest-apis --region \"$region\" --query 'items[].id'"),
    ] {
        text.push_str(&format!("    for id in $(aws {list} --output text); do\n"));
        for call in of(per) {
            text.push_str(&line(call, 2));
        }
        if per == Per::Function {
            let of = |list: &str, query: &str| {
                format!("$(aws lambda {list} --region \"$region\" --function-name \"$id\" --query '{query}' --output text)")
            };
            let versions = of("list-versions-by-function", "Versions[?Version!=`$LATEST`].Version");
            // On lines of their own, so that the script ends where one fails: it would go on after a loop's words.
            text.push_str(&format!("        versions={versions}\n        aliases={}\n", of("list-aliases", "Aliases[].Name")));
            text.push_str("        for qualifier in $versions $aliases; do\n");
            for call in self::of(Per::Qualifier) {
                text.push_str(&line(call, 3));
            }
            text.push_str("        done\n");
        }
        if per == Per::Api {
            let query = "'item[].[stageName,deploymentId]'";
            text.push_str(&format!(
                "        aws apigateway get-stages --region \"$region\" --rest-api-id \"$id\" --query {query} --output text |\n"
            ));
            text.push_str("        while read -r stage deployment; do\n");
            for call in of(Per::Stage) {
                text.push_str(&line(call, 3));
            }
            text.push_str("        done\n");
        }
        text.push_str("    done\n");
    }
    text.push_str("done\n");
    text
}

fn of(per: Per) -> impl Iterator<Item = &'static Call> {
    CALLS.iter().filter(move |call| call.per == per)
}

fn line(call: &Call, depth: usize) -> String {
    let indent = "    ".repeat(depth);
    let place = if matches!(call.per, Per::Account | Per::Zone) { "global" } else { "$region" };
    let subject = crate::calls::Subject {
        id: if matches!(call.per, Per::Account | Per::Region) { String::new() } else { "$id".to_owned() },
        stage: if call.per == Per::Stage { "$stage".to_owned() } else { String::new() },
        deployment: String::new(),
        qualifier: if call.per == Per::Qualifier { "$qualifier".to_owned() } else { String::new() },
    };
    let file = call.file(&subject, 0);
    let absent = call.absent.join("|");
    let options: Vec<String> = call.arguments.iter().map(|(member, argument)| option(member, *argument)).collect();
    let options = options.join(" ");
    let command = if call.operation == "GetExport" {
        format!("export_of \"$region\" \"$id\" \"$stage\" {options}")
    } else {
        format!("aws {} {} --region \"$region\" --output json {options}", call.service.name(), kebab(call.operation))
    };
    // A loop reads the stages: a command must not read them away.
    let input = if call.per == Per::Stage { " < /dev/null" } else { "" };
    format!("{indent}save \"{place}/{file}\" '{absent}' {}{input}\n", command.trim_end())
}

fn option(member: &str, argument: Argument) -> String {
    let name = kebab(member);
    match argument {
        Argument::Text(text) | Argument::List(text) => format!("--{name} {text}"),
        Argument::Entry(key, value) => format!("--{name} {key}={value}"),
        Argument::Subject => format!("--{name} \"$id\""),
        Argument::Stage => format!("--{name} \"$stage\""),
        Argument::Deployment => format!("--{name} \"$deployment\""),
        Argument::Qualifier => format!("--{name} \"$qualifier\""),
    }
}

#[cfg(test)]
mod tests {
    use super::script;

    /// A list that is refused in a loop's words would be taken for an empty one.
    #[test]
    fn the_script_ends_where_versions_or_aliases_cannot_be_listed() {
        let directory = std::env::temp_dir().join(format!("vpclab-import-script-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let aws = directory.join("aws");
        let ends = |refused: &str| {
            let answers = format!(
                "#!/bin/sh\ncase \"$*\" in *{refused}*text*) exit 254;; *list-functions*text*) echo f;; *get-caller*) echo 1;; *text*) ;; *) echo {{}};; esac\n"
            );
            std::fs::write(&aws, answers).unwrap();
            std::fs::set_permissions(&aws, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
            let path = format!("{}:{}", directory.display(), std::env::var("PATH").unwrap());
            let mut shell = std::process::Command::new("sh");
            shell.arg("-c").arg(script()).arg("sh").arg(directory.join("saved")).arg("r").env("PATH", path);
            !shell.output().unwrap().status.success()
        };
        assert!(!ends("nothing-at-all"), "the script runs to its end");
        assert!(ends("list-versions-by-function") && ends("list-aliases"));
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
