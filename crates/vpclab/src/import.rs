//! `import`: an account of AWS, read from saved answers or from AWS itself, as a snapshot.
use crate::report::Failure;
use anstream::{eprintln, print};
use clap::Args;
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};
use vpclab_aws_client::{Client, Credentials, Environment, Target};
use vpclab_cloud::Region;
use vpclab_import::{Document, Snapshot};

/// The most bytes of one saved answer.
const MAX_FILE: u64 = 256 * 1024 * 1024;
/// The most files below a directory.
const MAX_FILES: usize = 100_000;

/// What `import` takes.
#[derive(Args, Clone, Debug)]
pub struct ImportArgs {
    /// A directory with saved answers of the AWS CLI (`--script` prints how to save them)
    #[arg(value_name = "DIR", required_unless_present_any = ["script", "policy", "from_aws"])]
    directory: Option<PathBuf>,
    /// Ask AWS, by calls that only read (`--policy` prints which)
    #[arg(long, conflicts_with = "directory")]
    from_aws: bool,
    /// The profile whose credentials are used
    #[arg(long, requires = "from_aws", value_name = "NAME")]
    profile: Option<String>,
    /// A region to read; may be given several times [default: the environment's or the profile's]
    #[arg(long, requires = "from_aws", value_name = "REGION")]
    region: Vec<String>,
    /// Ask this endpoint instead of AWS's own
    #[arg(long, requires = "from_aws", value_name = "URL", env = "AWS_ENDPOINT_URL")]
    endpoint_url: Option<http::Uri>,
    /// Where the snapshot is written [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Mask account ids and names, the same everywhere: every verdict stays
    #[arg(long)]
    anonymise: bool,
    /// Print a shell script that saves what an import reads
    #[arg(long, exclusive = true)]
    script: bool,
    /// Print the IAM policy that an import needs
    #[arg(long, exclusive = true)]
    policy: bool,
}

/// Runs `import`.
pub fn run(args: &ImportArgs) -> Result<ExitCode, Failure> {
    if args.script {
        print!("{}", vpclab_import::script());
        return Ok(ExitCode::SUCCESS);
    }
    if args.policy {
        print!("{:#}\n", vpclab_import::calls::policy());
        return Ok(ExitCode::SUCCESS);
    }
    let documents = match &args.directory {
        Some(directory) => saved(directory)?,
        None => asked(args)?,
    };
    let snapshot = vpclab_import::import(&documents, vpclab_services::engine::clock()).map_err(|why| {
        Failure::new(why).hint("put the answers of each account and region in directories of their names, such as 111122223333/us-west-2")
    })?;
    let snapshot = if args.anonymise {
        snapshot.anonymised().map_err(|why| Failure::new(format!("the snapshot cannot be anonymised, and none is written: {why}")))?
    } else {
        snapshot
    };
    tell(&snapshot);
    write(&snapshot, args.output.as_deref())?;
    Ok(ExitCode::SUCCESS)
}

/// The answers of AWS.
fn asked(args: &ImportArgs) -> Result<Vec<Document>, Failure> {
    let environment = Environment::of_process();
    let profile = args.profile.as_deref();
    let regions = match args.region.as_slice() {
        [] => environment.region(profile).into_iter().collect(),
        some => some.to_vec(),
    };
    if regions.is_empty() {
        return Err(Failure::new("no region is named").hint("name one with --region, or set AWS_REGION"));
    }
    for region in &regions {
        region.parse::<Region>().map_err(|_| Failure::new(format!("vpclab knows no region `{region}`")))?;
    }
    let credentials = Credentials::find(&environment, profile)
        .map_err(|why| Failure::new(why).hint("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with --profile"))?;
    let target = args.endpoint_url.clone().map_or(Target::Aws, Target::Endpoint);
    let client = Client::new(credentials, target, environment.get("AWS_CA_BUNDLE").map(Path::new)).map_err(Failure::new)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime
        .block_on(vpclab_aws_client::fetch(&client, &regions))
        .map_err(|why| Failure::new(why).hint("`vpclab import --policy` prints the policy that an import needs"))
}

/// Writes a snapshot to a file, for its owner only, or to standard output.
pub fn write(snapshot: &Snapshot, to: Option<&Path>) -> Result<(), Failure> {
    use std::{
        io::Write,
        os::unix::fs::{OpenOptionsExt, PermissionsExt},
    };
    let text = snapshot.text();
    let Some(path) = to else {
        std::io::stdout().write_all(text.as_bytes())?;
        return Ok(());
    };
    let failed = |why: std::io::Error| Failure::new(format!("cannot write `{}`: {why}", path.display()));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).map_err(failed)?;
    // The mode is that of new files; one that is there keeps its own. Devices and pipes are left as they are.
    if file.metadata().map_err(failed)?.is_file() {
        file.set_permissions(fs::Permissions::from_mode(0o600)).map_err(failed)?;
    }
    file.write_all(text.as_bytes()).map_err(failed)
}

/// Says on standard error what was read, and what was not understood.
fn tell(snapshot: &Snapshot) {
    let cloud = snapshot.cloud();
    let places: Vec<String> = snapshot.scopes.iter().map(|scope| format!("{}/{}", scope.account, scope.region)).collect();
    eprintln!(
        "read {}: {} VPCs, {} instances, {} endpoints, {} APIs",
        places.join(", "),
        cloud.vpcs.len(),
        cloud.instances.len(),
        cloud.vpc_endpoints.len(),
        cloud.rest_apis.len()
    );
    let (open, rest): (Vec<_>, Vec<_>) = snapshot.not_understood.iter().partition(|noted| !noted.affects.is_empty());
    for (title, noted) in [("not understood; what leans on it is undetermined:", open), ("left out or taken for granted:", rest)] {
        if !noted.is_empty() {
            eprintln!("{title}");
        }
        for noted in noted {
            eprintln!("  {noted}");
        }
    }
}

/// The answers saved below a directory.
fn saved(directory: &Path) -> Result<Vec<Document>, Failure> {
    let failed = |path: &Path, why: &dyn std::fmt::Display| Failure::new(format!("cannot read `{}`: {why}", path.display()));
    let mut documents = Vec::new();
    let mut below = vec![directory.to_owned()];
    while let Some(place) = below.pop() {
        let entries = fs::read_dir(&place).map_err(|why| failed(&place, &why))?;
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        paths.sort();
        for path in paths {
            let meta = fs::symlink_metadata(&path).map_err(|why| failed(&path, &why))?;
            if meta.is_dir() {
                below.push(path);
                continue;
            }
            if !meta.is_file() || path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            if meta.len() > MAX_FILE || documents.len() >= MAX_FILES {
                return Err(failed(&path, &format!("more than {MAX_FILES} files, or one of more than {MAX_FILE} bytes")));
            }
            let text = fs::read(&path).map_err(|why| failed(&path, &why))?;
            let value = serde_json::from_slice(&text).map_err(|why| failed(&path, &why))?;
            let origin = path.strip_prefix(directory).unwrap_or(&path).to_string_lossy().into_owned();
            documents.push(Document { origin, value });
        }
    }
    if documents.is_empty() {
        return Err(Failure::new(format!("there are no answers below `{}`", directory.display()))
            .hint("save them with the script that `vpclab import --script` prints"));
    }
    Ok(documents)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_that_is_there_becomes_its_owners_only() {
        let path = std::env::temp_dir().join(format!("vpclab-snapshot-{}.json", std::process::id()));
        fs::write(&path, "was longer than what is written now").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let snapshot = Snapshot::of(&vpclab_cloud::Cloud::default(), vpclab_cloud::Timestamp(0), Vec::new());
        write(&snapshot, Some(&path)).unwrap();
        let (mode, text) = (fs::metadata(&path).unwrap().permissions().mode() & 0o777, fs::read_to_string(&path).unwrap());
        fs::remove_file(&path).unwrap();
        assert_eq!((mode, text), (0o600, snapshot.text()));
    }
}
